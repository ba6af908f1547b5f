// The map: fills the sources of the Bokeh figure, and answers pointer and keys.
const models = {};
const source = (name) => models[name];
const place = (name, data) => { source(name).data = data; };
const column = (rows, read) => rows.map(read);

let plot = null;
let shown = { buses: [], branches: [], projects: [], areas: [] };

function prepareMap(found) {
  plot = found;
  const areas = (name) => places.outlines[name] ?? [];
  const land = areas("municipalities").length ? "#00000000" : DATA.colours.land;
  for (const name of ["neighbours", "county"]) {
    place(name, { xs: column(areas(name), (a) => a.x), ys: column(areas(name), (a) => a.y),
                  text: column(areas(name), (a) => a.name), fill: column(areas(name), () => land) });
  }
  plot.properties.inner_width.change.connect(keepScale);
  plot.properties.inner_height.change.connect(keepScale);
  plot.x_range.change.connect(later(() => { drawLabels(); }, 60));
  fitTo(places.extent);
  listen();
}

function later(run, ms) {
  let timer = null;
  return () => { clearTimeout(timer); timer = setTimeout(run, ms); };
}

// Range and scale -------------------------------------------------------------------------------
const kmPerPixel = () => (plot.x_range.end - plot.x_range.start) / Math.max(plot.inner_width, 1);

function setView(x, y, scale) {
  hideTip();
  const [w, h] = [plot.inner_width * scale / 2, plot.inner_height * scale / 2];
  plot.x_range.setv({ start: x - w, end: x + w });
  plot.y_range.setv({ start: y - h, end: y + h });
}

const BUTTONS = 92; // height of what lies over the top of the map (pixels)
let wanted = null;
function fitTo([x0, y0, x1, y1]) {
  wanted = [x0, y0, x1, y1];
  if (!plot.inner_width || !plot.inner_height) return;
  const free = Math.max(plot.inner_height - BUTTONS, plot.inner_height / 2);
  const scale = Math.max((x1 - x0) / plot.inner_width, (y1 - y0) / free);
  setView((x0 + x1) / 2, (y0 + y1) / 2 + (plot.inner_height - free) / 2 * scale, scale);
}

// A resized map keeps north and east to one scale.
function keepScale() {
  if (wanted) fitTo(wanted);
}

function middle() {
  return [(plot.x_range.start + plot.x_range.end) / 2, (plot.y_range.start + plot.y_range.end) / 2];
}

function zoom(factor) {
  wanted = null;
  setView(...middle(), kmPerPixel() * factor);
}

function pan(right, up) {
  const [x, y] = middle();
  wanted = null;
  setView(x + right * 80 * kmPerPixel(), y + up * 80 * kmPerPixel(), kmPerPixel());
}

function showAt(x, y) {
  wanted = null;
  setView(x, y, Math.min(kmPerPixel(), 0.12));
}

// Layers ----------------------------------------------------------------------------------------
function drawMap() {
  drawAreas();
  drawBranches();
  drawStations();
  drawProjects();
  drawSelected();
  drawLabels();
}

function drawAreas() {
  const rows = new Map(municipalityRows().map((row) => [row.name, row]));
  const areas = places.outlines.municipalities ?? [];
  const by = state.layer === "municipalities";
  const fill = (area) => {
    if (!by) return DATA.colours.land;
    const row = rows.get(area.name);
    return classOf(areaValue(row), areaClasses())?.colour ?? "#ffffff";
  };
  shown.areas = areas.map((area) => ({ ...area, ...rows.get(area.name) }));
  place("municipalities", { xs: column(areas, (a) => a.x), ys: column(areas, (a) => a.y),
                            text: column(areas, (a) => a.name), fill: column(areas, fill) });
}

const areaValue = (row) => (DATA.hasCapacity ? row?.mw ?? null : row?.projects ? row.chosenMw : null);
const areaClasses = () => DATA.classes.capacity;

function drawBranches() {
  const loads = state.layer === "loading";
  const rows = state.lines || loads ? branchRows() : [];
  rows.sort((a, b) => (loads ? (a.loading ?? 0) - (b.loading ?? 0) : b.kv - a.kv));
  shown.branches = rows;
  const width = (row) => DATA.widths.find(([from]) => row.kv >= from)[1] * (loads ? 1.5 : 1);
  const colour = (row) => (loads ? classOf(row.loading, DATA.classes.loading)?.colour ?? "#b9bcc0" : "#6d7580");
  const dash = (row) => (isAssumed(row.basis) ? [5, 4] : row.basis === "derived" ? [9, 2, 2, 2] : []);
  const alpha = () => (loads ? 1 : 0.8);
  const data = (rows, more) => ({
    xs: column(rows, (r) => r.x), ys: column(rows, (r) => r.y), text: column(rows, (r) => r.name),
    alpha: column(rows, alpha), ...more,
  });
  const planned = rows.filter((row) => row.isPlanned);
  place("planned", data(planned, { edge: column(planned, (r) => width(r) + 4.4) }));
  place("gaps", data(planned, { gap: column(planned, (r) => width(r) + 2.4) }));
  place("branches", data(rows, { color: column(rows, colour), width: column(rows, width),
                                 dash: column(rows, dash) }));
}

// Large circles lie below small ones: buses of one station show as rings, the highest voltage outside.
const sizeOf = (value) => (value >= 380 ? 19 : value >= 220 ? 16 : value >= 100 ? 12 : 8);

function stationLook(row) {
  if (state.layer === "left") {
    const found = classOf(row.left, DATA.classes.left);
    return { fill: found.colour, marker: row.left < 0 ? "square_x" : "circle", size: sizeOf(row.kv) };
  }
  if (state.layer === "capacity") {
    const found = classOf(row.mw, DATA.classes.capacity);
    return { fill: found.colour, marker: found === DATA.classes.capacity[0] ? "circle_x" : "circle",
             size: sizeOf(row.kv) };
  }
  return { fill: "#ffffff", marker: "circle", size: sizeOf(row.kv) * 0.5 };
}

function drawStations() {
  const rows = DATA.hasCapacity && yearData() ? busRows()
    : places.buses.map((bus) => ({ kind: "bus", ...bus }))
      .filter((row) => state.kv === "" || String(row.kv) === state.kv);
  rows.sort((a, b) => b.kv - a.kv || collator.compare(a.name, b.name));
  shown.buses = rows;
  const looks = rows.map(stationLook);
  place("stations", {
    x: column(rows, (r) => r.x), y: column(rows, (r) => r.y), text: column(rows, (r) => r.name),
    fill: column(looks, (l) => l.fill), marker: column(looks, (l) => l.marker),
    size: column(looks, (l) => l.size), line: rows.map(() => DATA.colours.ink),
    weight: rows.map(() => 1), alpha: column(rows, (r) => (r.inside ? 1 : 0.55)),
  });
}

function drawProjects() {
  const rows = state.layer === "projects" || state.sites ? projectRows() : [];
  rows.sort((a, b) => b.mw - a.mw);
  shown.projects = rows;
  const size = (row) => 9 + 1.35 * Math.sqrt(Math.min(row.mw, 300));
  place("projects", {
    x: column(rows, (r) => r.x), y: column(rows, (r) => r.y), text: column(rows, (r) => r.name),
    size: column(rows, size), marker: column(rows, (r) => DATA.states[r.state].marker),
    fill: column(rows, (r) => DATA.states[r.state].fill), line: column(rows, (r) => DATA.states[r.state].line),
  });
}

// The selected bus gets a ring; what limits it is drawn over the lines.
function drawSelected() {
  const chosen = state.selected;
  const at = chosen && locate(chosen);
  const found = chosen?.kind === "bus" && tellsLimits() ? figures(chosen.name) : null;
  const marked = [[found?.branch, DATA.colours.limit, []], [found?.outage, DATA.colours.outage, [3, 4]]];
  if (chosen?.kind === "branch") marked.push([chosen.name, DATA.colours.limit, []]);
  const drawn = marked.filter(([name]) => branches.has(name));
  // A transformer has no length: it gets a square around its station.
  const squares = drawn.filter(([name]) => branches.get(name).kind === "transformer")
    .map(([name, colour], position) => ({ at: locate({ kind: "branch", name }), marker: "square", size: 34 + 8 * position, colour }));
  const rings = [...(at ? [{ at, marker: "circle", size: 28, colour: DATA.colours.ink }] : []), ...squares];
  place("ring", { x: rings.map((r) => r.at[0]), y: rings.map((r) => r.at[1]), size: column(rings, (r) => r.size),
                  marker: column(rings, (r) => r.marker), line: column(rings, (r) => r.colour), text: rings.map(() => "") });
  place("limits", {
    xs: drawn.map(([name]) => branches.get(name).x), ys: drawn.map(([name]) => branches.get(name).y),
    color: drawn.map(([, colour]) => colour), dash: drawn.map(([, , dash]) => dash),
    text: drawn.map(([name]) => name),
  });
}

const tellsLimits = () => ["capacity", "left"].includes(state.layer);

function locate({ kind, name }) {
  if (kind === "bus") return [buses.get(name).x, buses.get(name).y];
  if (kind === "project") return places.sites[name];
  if (kind === "municipality") return places.outlines.municipalities?.find((a) => a.name === name)?.at;
  const { x, y } = branches.get(name);
  const half = Math.floor((x.length - 1) / 2);
  return x.length === 2 ? [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2] : [x[half], y[half]];
}

// Names and figures where there is room: a label that would touch another is left out.
function drawLabels() {
  const taken = [];
  const kept = [];
  const scale = kmPerPixel();
  const offer = (text, x, y, drop, height) => {
    const box = { x0: x / scale - text.length * 3.2, x1: x / scale + text.length * 3.2,
                  y0: -y / scale + drop, y1: -y / scale + drop + height };
    const meets = (b) => b.x0 < box.x1 && box.x0 < b.x1 && b.y0 < box.y1 && box.y0 < b.y1;
    if (taken.some(meets)) return false;
    taken.push(box);
    return true;
  };
  const areas = scale < 0.75 && (state.labels || state.layer === "municipalities")
    ? (places.outlines.municipalities ?? []).filter((a) => offer(a.name, ...a.at, -7, 14)) : [];
  for (const row of state.labels ? labelRows() : []) {
    const text = labelText(row, scale);
    if (text && offer(text, row.x, row.y, 6, 15)) kept.push({ ...row, label: text });
  }
  place("places", { x: areas.map((a) => a.at[0]), y: areas.map((a) => a.at[1]), text: areas.map((a) => a.name) });
  place("labels", { x: kept.map((r) => r.x), y: kept.map((r) => r.y), text: kept.map((r) => r.label) });
}

function labelRows() {
  if (state.layer === "projects") return shown.projects;
  if (state.layer === "municipalities") return [];
  return [...shown.buses].filter((row) => row.inside).sort((a, b) => b.kv - a.kv);
}

function labelText(row, scale) {
  if (row.kind === "project") return scale < 0.3 ? `${row.name}, ${mw(row.mw)} MW` : mw(row.mw);
  const value = state.layer === "capacity" ? row.mw : state.layer === "left" ? row.left : undefined;
  if (scale < 0.2) return value === undefined ? row.name : `${row.name}: ${mw(value)} MW`;
  return value === undefined ? "" : mw(value);
}
