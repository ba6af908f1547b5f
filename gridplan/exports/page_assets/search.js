// Search for stations, projects, municipalities and branches: a combobox with a list of hits.
const MOST_HITS = 12;
let hits = [];
let active = -1;

function searchable() {
  const plan = planData();
  return [
    ...places.buses.map((bus) => ({ kind: "bus", name: bus.name })),
    ...(plan?.projects ?? []).map((each) => ({ kind: "project", name: each.name })),
    ...municipalityRows().map((row) => ({ kind: "municipality", name: row.name })),
    ...branchRows().map((row) => ({ kind: "branch", name: row.name })),
  ];
}

function prepareSearch() {
  const box = byId("search");
  box.addEventListener("input", () => look(box.value));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!hits.length) look(box.value);
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && hits.length) take(hits[Math.max(active, 0)]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => setTimeout(close, 150));
}

function look(text) {
  const wanted = folded(text.trim());
  const found = searchable().map((each) => ({ ...each, at: folded(each.name).indexOf(wanted) }))
    .filter((each) => wanted !== "" && each.at >= 0);
  const order = ["bus", "municipality", "project", "branch"];
  found.sort((a, b) => (a.at > 0) - (b.at > 0) || order.indexOf(a.kind) - order.indexOf(b.kind)
    || collator.compare(a.name, b.name));
  hits = found.slice(0, MOST_HITS);
  active = -1;
  const options = hits.map((hit, position) => element("li",
    { role: "option", id: `hit-${position}`, "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); take(hit); } },
    element("span", {}, hit.name), element("small", {}, t(`page_kind_${hit.kind}`))));
  const list = byId("hits");
  const none = wanted !== "" && !hits.length;
  list.replaceChildren(...options, none ? element("li", { class: "none" }, t("page_nothing_found")) : "");
  list.hidden = wanted === "";
  byId("search").setAttribute("aria-expanded", String(!list.hidden));
  byId("search").removeAttribute("aria-activedescendant");
}

function move(by) {
  if (!hits.length) return;
  active = (active + by + hits.length) % hits.length;
  [...byId("hits").children].forEach((option, position) =>
    option.setAttribute("aria-selected", String(position === active)));
  byId(`hit-${active}`).scrollIntoView({ block: "nearest" });
  byId("search").setAttribute("aria-activedescendant", `hit-${active}`);
}

function take(hit) {
  byId("search").value = hit.name;
  close();
  select(hit, { show: true, zoom: true });
}

function close() {
  hits = [];
  byId("hits").hidden = true;
  byId("search").setAttribute("aria-expanded", "false");
}
