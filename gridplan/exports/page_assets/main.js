// Switches, headline and key; and the start.
const SWITCHES = ["year", "criterion", "flexibility", "kv"];

function prepareSwitches() {
  for (const name of SWITCHES) {
    const control = byId(name);
    if (!control) continue;
    control.addEventListener("change", () => {
      state[name] = name === "flexibility" ? Number(control.value) : control.value;
      redraw();
    });
  }
  for (const name of ["lines", "labels", "sites"]) {
    byId(name)?.addEventListener("change", (event) => { state[name] = event.target.checked; redraw(); });
  }
  for (const control of document.getElementsByName("layer")) {
    control.addEventListener("change", () => { state.layer = control.value; redraw(); });
  }
  const buttons = { "zoom-in": () => zoom(1 / 1.5), "zoom-out": () => zoom(1.5),
                    "zoom-all": () => fitTo(places.extent), "zoom-crowd": () => fitTo(places.crowd) };
  for (const [id, run] of Object.entries(buttons)) byId(id)?.addEventListener("click", run);
  for (const name of ["list", "details"]) byId(`tab-${name}`).addEventListener("click", () => showTab(name));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.selected && event.target.id !== "search") { select(null); showTab("list"); }
  });
  byId("tabs").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = byId("tab-list").getAttribute("aria-selected") === "true" ? "details" : "list";
    showTab(other);
    byId(`tab-${other}`).focus();
    event.preventDefault();
  });
}

function showTab(name) {
  for (const each of ["list", "details"]) {
    byId(`tab-${each}`).setAttribute("aria-selected", String(each === name));
    byId(`tab-${each}`).tabIndex = each === name ? 0 : -1;
    byId(each).hidden = each !== name;
  }
}

// Selects a bus, project, municipality or branch; null for nothing.
function select(found, { show = false, zoom: near = false } = {}) {
  state.selected = found && { kind: found.kind, name: found.name };
  if (found && (show || near)) {
    const at = locate(found);
    if (at && near) showAt(...at);
    else if (at && !visible(...at)) showAt(...at);
  }
  if (found) showTab("details");
  redraw();
  if (found && show) byId("panel-name").focus({ preventScroll: true });
}

const visible = (x, y) => x > plot.x_range.start && x < plot.x_range.end && y > plot.y_range.start && y < plot.y_range.end;

function redraw() {
  // A year without a plan or without capacities has not all layers.
  for (const control of document.getElementsByName("layer")) {
    const plan = ["loading", "projects"].includes(control.value);
    const capacity = ["capacity", "left"].includes(control.value);
    control.disabled = (plan && !planData()) || (capacity && !yearData());
    if (control.disabled && control.checked) state.layer = "municipalities";
    control.checked = control.value === state.layer;
  }
  hideTip();
  drawHeadline();
  drawKey();
  drawMap();
  drawTable();
  drawPanel();
}

function drawHeadline() {
  const parts = [DATA.stages[state.year]];
  if (["capacity", "left", "municipalities"].includes(state.layer) && yearData()) {
    parts.push(state.criterion, flexWords(DATA.flexibilities[state.layer === "left" ? 0 : state.flexibility]));
  } else if (planData()) parts.push(...DATA.planTexts[state.year]);
  const goals = planData() ? DATA.goals[state.year] : "";
  byId("goals").textContent = goals;
  byId("goals").hidden = !goals;
  byId("made").textContent = DATA.made[state.year];
  byId("headline").textContent = parts.join(" · ");
  byId("alone").hidden = !yearData() || !["capacity", "left", "municipalities"].includes(state.layer);
  byId("layer-title").textContent = t(`page_title_${state.layer}`);
}

// Key -------------------------------------------------------------------------------------------
function drawKey() {
  const rows = [];
  const swatch = (look, style = {}) => {
    const made = element("span", { class: `swatch ${look}`, "aria-hidden": "true" });
    Object.assign(made.style, style);
    return made;
  };
  const add = (mark, text, count = "") => rows.push(element("li", {}, mark, element("span", {}, text),
    element("span", { class: "count" }, count)));
  const head = (text) => rows.push(element("li", { class: "head" }, text));
  const byClass = (classes, values, look) => classes.forEach((each) => {
    const count = values.filter((value) => classOf(value, classes) === each).length;
    add(swatch(each.cross ? `${look} cross` : look, { background: each.colour }), each.text, number(count));
  });
  if (state.layer === "capacity") { head(t("page_key_capacity")); byClass(DATA.classes.capacity, busRows().map((r) => r.mw), "dot"); }
  if (state.layer === "left") { head(t("page_key_left")); byClass(DATA.classes.left, busRows().map((r) => r.left), "dot"); }
  if (state.layer === "municipalities") {
    head(t(DATA.hasCapacity ? "page_key_best" : "page_key_chosen_mw"));
    byClass(areaClasses(), municipalityRows().map(areaValue), "area");
  }
  if (state.layer === "loading") {
    head(t("page_key_loading"));
    byClass(DATA.classes.loading, branchRows().map((r) => r.loading), "bar");
  }
  if (state.layer === "projects" || state.sites) {
    head(t("page_key_projects"));
    const projects = projectRows();
    for (const [name, look] of Object.entries(DATA.states)) {
      const own = projects.filter((row) => row.state === name);
      if (own.length) add(swatch(`mark ${look.marker}`, { background: look.fill, borderColor: look.line }), t(`page_state_${name}`),
                          t("page_of_mw", { count: own.length, mw: mw(sum(own, "mw")) }));
    }
  }
  const levels = [...new Set(shownVoltages())];
  if (["capacity", "left"].includes(state.layer) && levels.length > 1) add(swatch("rings"), t("page_key_rings"));
  if (state.lines || state.layer === "loading") {
    const bases = new Set(branchRows().map((r) => (isAssumed(r.basis) ? "dashed" : r.basis === "derived" ? "derived" : "solid")));
    for (const look of ["solid", "derived", "dashed"]) if (bases.has(look)) add(swatch(`line ${look}`), t(`page_key_${look}`));
    if (branchRows().some((row) => row.isPlanned)) add(swatch("line planned"), t("page_key_planned"));
  }
  if (state.selected?.kind === "bus" && tellsLimits() && figures(state.selected.name)?.branch) {
    add(swatch("line", { borderTopColor: DATA.colours.limit, borderTopWidth: "5px" }), t("page_key_limit"));
    if (figures(state.selected.name).outage) add(swatch("line dashed", { borderTopColor: DATA.colours.outage, borderTopWidth: "5px" }), t("page_key_outage"));
  }
  byId("key-rows").replaceChildren(...rows);
}

const shownVoltages = () => busRows().map((row) => row.kv);

const PAPER = 700; // width of a sheet without its margins (CSS pixels)

// On paper the map keeps the size that it has been drawn in.
function preparePrinting() {
  const map = document.querySelector(".map");
  window.addEventListener("beforeprint", () => {
    const [width, height] = [map.offsetWidth, map.offsetHeight];
    Object.assign(map.style, { width: `${width}px`, height: `${height}px`, zoom: Math.min(1, PAPER / width) });
  });
  window.addEventListener("afterprint", () => Object.assign(map.style, { width: "", height: "", zoom: "" }));
}

// Start -----------------------------------------------------------------------------------------
async function start() {
  for (const name of ["map", "duration", "offer"]) {
    await Bokeh.embed.embed_item(DATA.figures[name], name);
  }
  for (const document of Bokeh.documents) {
    for (const model of document._all_models.values()) {
      if (model.type === "ColumnDataSource") models[model.name] = model;
      if (model.type === "Figure") models[model.name] = model;
    }
  }
  prepareMap(models.map);
  prepareSwitches();
  prepareTable();
  prepareSearch();
  preparePrinting();
  if (window.matchMedia("(max-width: 900px)").matches) byId("key").open = false;
  showTab("list");
  redraw();
  byId("app").dataset.ready = "true";
}

start();
