// Pointer, touch and keys on the map, and the box that follows the pointer.
function listen() {
  const holder = byId("map");
  plot.on_event("mousemove", (event) => point(event));
  plot.on_event("mouseleave", () => hideTip());
  plot.on_event("tap", (event) => {
    const found = nearest(event.x, event.y, 18);
    hideTip();
    if (found) select(found); else if (state.selected) select(null);
  });
  for (const name of ["panstart", "pinch", "wheel"]) plot.on_event(name, () => { wanted = null; hideTip(); });
  // Bokeh sends events only of models that it knows to be listened to.
  plot.document.event_manager.subscribed_models.add(plot);
  holder.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (moves[event.key]) pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") zoom(1 / 1.5);
    else if (event.key === "-") zoom(1.5);
    else if (event.key === "0" || event.key === "Home") fitTo(places.extent);
    else return;
    event.preventDefault();
  });
}

function point(event) {
  const found = nearest(event.x, event.y, 10);
  byId("map").style.cursor = found && found.kind !== "municipality" ? "pointer" : "";
  if (!found) return hideTip();
  const tip = byId("tip");
  tip.replaceChildren(...tipContent(found));
  tip.hidden = false;
  const room = byId("map").getBoundingClientRect();
  const left = event.sx + 16 + tip.offsetWidth > room.width ? event.sx - tip.offsetWidth - 12 : event.sx + 16;
  const top = Math.min(event.sy + 12, room.height - tip.offsetHeight - 6);
  tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
}

function hideTip() {
  byId("tip").hidden = true;
}

// What lies under the pointer: projects and stations before lines, lines before areas.
function nearest(x, y, pixels) {
  const scale = kmPerPixel();
  const closest = (rows, read) => {
    let best = null, least = pixels * scale;
    for (const row of rows) {
      const away = read(row);
      if (away <= least) [best, least] = [row, away];
    }
    return best;
  };
  const away = (row) => Math.hypot(row.x - x, row.y - y);
  return closest(shown.projects, away) ?? closest(shown.buses, away)
    ?? closest(shown.branches.filter((row) => row.type === "line"), (row) => toPath(x, y, row))
    ?? shown.areas.find((area) => within(x, y, area)) ?? null;
}

function toPath(px, py, { x, y }) {
  let least = Infinity;
  for (let i = 1; i < x.length; i++) {
    const [dx, dy] = [x[i] - x[i - 1], y[i] - y[i - 1]];
    const along = ((px - x[i - 1]) * dx + (py - y[i - 1]) * dy) / (dx * dx + dy * dy || 1);
    const at = Math.max(0, Math.min(1, along));
    least = Math.min(least, Math.hypot(px - x[i - 1] - at * dx, py - y[i - 1] - at * dy));
  }
  return least;
}

function within(px, py, area) {
  let inside = false;
  area.x.forEach((rings, polygon) => rings.forEach((xs, ring) => {
    const ys = area.y[polygon][ring];
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      if (ys[i] > py !== ys[j] > py
          && px < (xs[j] - xs[i]) * (py - ys[i]) / (ys[j] - ys[i]) + xs[i]) inside = !inside;
    }
  }));
  return inside && area.kind === "municipality";
}

// All buses of the station stand in the box, the one pointed at first.
function tipContent(found) {
  const parts = [];
  if (found.kind === "bus") {
    const others = shown.buses.filter((row) => row.station === found.station && row.name !== found.name);
    for (const row of [found, ...others].slice(0, 3)) {
      parts.push(element("strong", {}, row.name), factList(busFacts(row)));
    }
  } else {
    parts.push(element("strong", {}, found.name), factList(factsOf(found)));
  }
  return parts;
}
