// The table of the layer: sorted by its headers, filtered, and as CSV.
const num = (key, read, write = mw) => ({ key, read, write, numeric: true });
const txt = (key, read) => ({ key, read, write: (value) => value ?? "" });
const more = (column) => ({ ...column, hidden: true }); // in the CSV only

const busColumns = () => [
  txt("page_column_bus", (r) => r.name), txt("page_column_municipality", (r) => r.municipality),
  num("page_column_kv", (r) => r.kv, kv), num("page_column_mw", (r) => r.mw),
  ...(state.layer === "left" ? [num("page_column_left", (r) => r.left)] : []),
  txt("page_column_limited_by", (r) => limitWords(r)),
  num("page_column_queued", (r) => r.queued),
  more(txt("page_column_branch", (r) => r.branch)), more(txt("page_column_outage", (r) => r.outage)),
  more(txt("page_column_hour", (r) => r.hour)), more(num("page_column_hours", (r) => r.hours)),
  more(num("page_column_used", (r) => r.used)), more(num("page_column_reserved", (r) => r.reserved)),
  more(num("page_column_free", (r) => r.free)), more(txt("page_column_basis", (r) => basisWords(r.basis))),
];

const TABLES = {
  capacity: { rows: busRows, columns: busColumns, order: 3, down: true },
  left: { rows: busRows, columns: busColumns, order: 4, down: false },
  loading: {
    rows: branchRows, order: 4, down: true,
    columns: () => [
      txt("page_column_branch_name", (r) => r.name), txt("page_column_type", (r) => t(`page_type_${r.type}`)),
      num("page_column_kv", (r) => r.kv, kv), num("page_column_rating", (r) => r.rating, number),
      num("page_column_loading", (r) => (r.loading === null ? null : r.loading * 100), (v) => number(v, 0)),
      txt("page_column_worst_outage", (r) => (r.outage === null ? "" : outageWords(r.outage))),
      txt("page_column_basis", (r) => basisWords(r.basis)), more(txt("page_column_hour", (r) => r.hour ?? "")),
    ],
  },
  projects: {
    rows: projectRows, order: 1, down: true,
    columns: () => [
      txt("page_column_project", (r) => r.name), num("page_column_size", (r) => r.mw),
      txt("page_column_state", (r) => t(`page_state_${r.state}`)), txt("page_column_bus", (r) => r.bus),
      txt("page_column_municipality", (r) => r.municipality), txt("page_column_barred", (r) => r.barred),
      more(num("page_column_year", (r) => r.year)), more(txt("page_column_sector", (r) => r.sector)),
      more(num("page_column_annual_value_mnok", (r) => r.annual_value_mnok)),
      more(num("page_column_co2_t_per_yr", (r) => r.co2_t_per_yr)),
      more(num("page_column_jobs", (r) => r.jobs)),
      more(num("page_column_export_mnok_per_yr", (r) => r.export_mnok_per_yr)),
      more(txt("page_column_basis", (r) => basisWords(r.basis))),
    ],
  },
  municipalities: {
    rows: municipalityRows, order: 1, down: true,
    columns: () => [
      txt("page_column_municipality", (r) => r.name),
      ...(yearData() ? [num("page_column_best", (r) => r.mw), txt("page_column_best_bus", (r) => r.best),
        num("page_column_stations", (r) => r.stations, number), num("page_column_used", (r) => r.used),
        num("page_column_reserved", (r) => r.reserved), num("page_column_queued", (r) => r.queued)] : []),
      ...(planData() ? [num("page_column_chosen_mw", (r) => r.chosenMw), num("page_column_rejected_mw", (r) => r.rejectedMw)] : []),
    ],
  },
};

const sorting = {}; // by layer: {at, down}

function tableData() {
  const table = TABLES[state.layer];
  const columns = table.columns();
  const { at, down } = sorting[state.layer] ?? { at: table.order, down: table.down };
  const read = columns[at].read;
  const rows = table.rows();
  // Rows without a value stand last, whichever way.
  rows.sort((a, b) => {
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
    return element("tr", { tabindex: position === 0 ? "0" : "-1", "data-kind": row.kind, "data-name": row.name,
                           "aria-selected": chosen ? "true" : "false" },
      ...visible.map((column) => element("td", column.numeric ? { class: "number" } : {}, column.write(column.read(row)))));
  });
  byId("table").replaceChildren(
    element("caption", {}, t("page_table_caption", { layer: t(`page_layer_${state.layer}`), count: number(rows.length) })),
    element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
}

function prepareTable() {
  const table = byId("table");
  const rowOfEvent = (event) => event.target.closest("tbody tr");
  const choose = (row) => select({ kind: row.dataset.kind, name: row.dataset.name }, { show: true });
  table.addEventListener("click", (event) => { const row = rowOfEvent(event); if (row) choose(row); });
  table.addEventListener("keydown", (event) => {
    const row = rowOfEvent(event);
    if (!row) return;
    const rows = [...row.parentElement.rows];
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
  if (["capacity", "left"].includes(state.layer)) stem.push(state.criterion, `${DATA.flexibilities[state.flexibility] * 100}pct`);
  const link = element("a", { href: url, download: `${stem.join("_").replace(/[^\w.-]+/g, "_")}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
