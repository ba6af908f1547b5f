// The table of the layer: sorted by its headers, filtered, and as CSV.
const num = (key, read, write = mw) => ({ key, read, write, numeric: true });
const txt = (key, read) => ({ key, read, write: (value) => value ?? "" });
const more = (column) => ({ ...column, hidden: true }); // in the CSV only

const placeColumns = () => [
  txt("column_bus", (r) => r.name), txt("column_municipality", (r) => r.municipality),
  num("column_kv", (r) => r.kv, kv),
];
const furtherColumns = () => [
  more(txt("page_column_in_words", (r) => limitWords(r))), more(txt("column_limiting_branch", (r) => r.branch)),
  more(txt("column_limiting_outage", (r) => r.outage)), more(txt("column_limiting_hour", (r) => r.hour)),
  more(num("column_limiting_hours", (r) => r.hours)), more(num("column_used_mw", (r) => r.used)),
  more(num("column_reserved_mw", (r) => r.reserved)),
  more(txt("column_in_county", (r) => t(r.inside ? "page_yes" : "page_no"))),
  more(txt("column_basis", (r) => basisWords(r.basis))),
];
const capacityColumns = () => [
  ...placeColumns(), num("column_capacity_mw", (r) => r.mw), txt("column_limited_by", (r) => limitShort(r)),
  num("column_queued_mw", (r) => r.queued), more(num("column_free_mw", (r) => r.free)), ...furtherColumns(),
];
const leftColumns = () => [
  ...placeColumns(), num("column_free_mw", (r) => r.free), num("column_queued_mw", (r) => r.queued),
  num("page_column_left", (r) => r.left),
  more(num("column_used_mw", (r) => r.used)), more(num("column_reserved_mw", (r) => r.reserved)),
  more(txt("column_in_county", (r) => t(r.inside ? "page_yes" : "page_no"))),
  more(txt("column_basis", (r) => basisWords(r.basis))),
];

const TABLES = {
  capacity: { rows: busRows, columns: capacityColumns, order: 3, down: true },
  left: { rows: busRows, columns: leftColumns, order: 5, down: false },
  loading: {
    rows: branchRows, order: 4, down: true,
    columns: () => [
      txt("column_branch", (r) => r.name), more(txt("column_type", (r) => t(`page_type_${r.type}`))),
      num("column_kv", (r) => r.kv, kv), num("column_s_nom_mva", (r) => r.rating, number),
      num("page_column_loading", (r) => (r.loading === null ? null : r.loading * 100), (v) => number(v, 0)),
      txt("column_outage", (r) => (r.outage === null ? "" : outageWords(r.outage))),
      txt("column_basis", (r) => basisWords(r.basis)), more(txt("column_limiting_hour", (r) => r.hour ?? "")),
    ],
  },
  projects: {
    rows: projectRows, order: 1, down: true,
    columns: () => [
      txt("column_project", (r) => r.name), num("column_mw", (r) => r.mw),
      txt("column_outcome", (r) => t(`page_state_${r.state}`)), txt("column_bus", (r) => r.bus),
      txt("column_municipality", (r) => r.municipality),
      (projectRows().some((r) => r.barred) ? txt : (...args) => more(txt(...args)))("page_column_barred", (r) => r.barred),
      more(num("column_year", (r) => r.year)), more(txt("column_sector", (r) => r.sector)),
      more(num("page_column_annual_value_mnok", (r) => r.annual_value_mnok)),
      more(num("column_co2_t_per_yr", (r) => r.co2_t_per_yr)),
      more(num("column_jobs", (r) => r.jobs)),
      more(num("column_export_mnok_per_yr", (r) => r.export_mnok_per_yr)),
      more(txt("column_basis", (r) => basisWords(r.basis))),
    ],
  },
  municipalities: {
    rows: municipalityRows, order: 1, down: true,
    columns: () => [
      txt("column_municipality", (r) => r.name),
      ...(yearData() ? [num("column_highest_capacity_mw", (r) => r.mw), txt("page_column_best_bus", (r) => r.best),
        num("page_column_stations", (r) => r.stations, number), num("column_used_mw", (r) => r.used),
        num("column_reserved_mw", (r) => r.reserved), num("column_queued_mw", (r) => r.queued)] : []),
      ...(planData() ? [num("column_chosen_mw", (r) => r.chosenMw), num("column_not_chosen_mw", (r) => r.rejectedMw)] : []),
    ],
  },
};

const isOutside = (row) => row.inside === false;
const sorting = {}; // by layer: {at, down}

function tableData() {
  const table = TABLES[state.layer];
  const columns = table.columns();
  const { at, down } = sorting[state.layer] ?? { at: table.order, down: table.down };
  const read = columns[at].read;
  const rows = table.rows();
  // Buses outside the area stand last, and among the others those without a value, whichever way.
  rows.sort((a, b) => {
    if (isOutside(a) !== isOutside(b)) return isOutside(a) - isOutside(b);
    const [x, y] = [read(a), read(b)];
    const [noX, noY] = [x === null || x === undefined || x === "", y === null || y === undefined || y === ""];
    if (noX || noY) return noX - noY;
    const order = columns[at].numeric ? x - y : collator.compare(x, y);
    return (down ? -order : order) || collator.compare(a.name, b.name);
  });
  return { rows, columns, at, down };
}

function drawTable() {
  const { rows, columns, at, down } = tableData();
  const visible = columns.map((column, position) => ({ ...column, position })).filter((c) => !c.hidden);
  const heads = visible.map((column) => {
    const current = column.position === at;
    const sort = () => {
      sorting[state.layer] = { at: column.position, down: current ? !down : Boolean(column.numeric) };
      drawTable();
      byId("table").querySelectorAll("thead button")[visible.indexOf(column)].focus();
    };
    return element("th", { scope: "col", class: column.numeric ? "number" : null,
                           "aria-sort": current ? (down ? "descending" : "ascending") : null },
      element("button", { type: "button", onclick: sort }, t(column.key),
              element("span", { "aria-hidden": "true", class: "arrow" }, current ? (down ? " ▼" : " ▲") : "")));
  });
  const body = rows.map((row, position) => {
    const chosen = state.selected?.kind === row.kind && state.selected.name === row.name;
    return element("tr", { class: isOutside(row) ? "outside" : null, tabindex: position === 0 ? "0" : "-1", "data-kind": row.kind, "data-name": row.name,
                           "aria-selected": chosen ? "true" : "false" },
      ...visible.map((column) => element("td", column.numeric ? { class: "number" } : {}, column.write(column.read(row)))));
  });
  byId("table").replaceChildren(
    element("caption", {}, t("page_table_caption", { layer: t(`page_layer_${state.layer}`), count: number(rows.length) })),
    element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
  const first = rows.findIndex(isOutside);
  if (first > 0) {
    body[first].before(element("tr", { class: "parting" },
      element("th", { scope: "colgroup", colspan: visible.length }, t("page_outside"))));
  }
}

function prepareTable() {
  const table = byId("table");
  const rowOfEvent = (event) => event.target.closest("tbody tr[data-name]");
  const choose = (row) => select({ kind: row.dataset.kind, name: row.dataset.name }, { show: true });
  table.addEventListener("click", (event) => { const row = rowOfEvent(event); if (row) choose(row); });
  table.addEventListener("keydown", (event) => {
    const row = rowOfEvent(event);
    if (!row) return;
    const rows = [...row.parentElement.querySelectorAll("tr[data-name]")];
    const at = rows.indexOf(row);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1,
                   PageDown: Math.min(at + 10, rows.length - 1), PageUp: Math.max(at - 10, 0) }[event.key];
    if (event.key === "Enter" || event.key === " ") choose(row);
    else if (next !== undefined && rows[next]) {
      row.tabIndex = -1;
      rows[next].tabIndex = 0;
      rows[next].focus();
    } else return;
    event.preventDefault();
  });
  byId("download").addEventListener("click", download);
}

// Excel reads UTF-8 by the mark at the start; a name that begins like a formula gets an apostrophe.
function csvCell(value, column) {
  if (value === null || value === undefined) return "";
  if (column.numeric) return String(Math.round(value * 1e3) / 1e3).replace(".", DATA.texts.decimal);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /["\r\n;,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvText() {
  const { rows, columns } = tableData();
  const separator = DATA.texts.decimal === "," ? ";" : ",";
  const lines = [columns.map((column) => csvCell(t(column.key), {}))];
  for (const row of rows) lines.push(columns.map((column) => csvCell(column.read(row), column)));
  return "\ufeff" + lines.map((cells) => cells.join(separator)).join("\r\n") + "\r\n";
}

function download() {
  const url = URL.createObjectURL(new Blob([csvText()], { type: "text/csv;charset=utf-8" }));
  const stem = [DATA.study, state.layer, state.year];
  if (["capacity", "left"].includes(state.layer)) stem.push(state.criterion);
  if (state.layer === "capacity") stem.push(`${Math.round(DATA.flexibilities[state.flexibility] * 1e4) / 100}pct`);
  const link = element("a", { href: url, download: `${stem.join("_").replace(/[^\w.-]+/g, "_")}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
