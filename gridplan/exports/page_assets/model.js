// What is chosen in the switches, and the rows that follow from it.
const state = {
  layer: DATA.layers[0],
  year: String(DATA.years[DATA.years.length - 1]),
  criterion: DATA.criteria[0] ?? null,
  flexibility: 0,
  kv: "",
  lines: true,
  labels: true,
  sites: false,
  selected: null, // {kind: "bus" | "project" | "municipality" | "branch", name}
};

const places = DATA.places;
const buses = new Map(places.buses.map((bus) => [bus.name, bus]));
const branches = new Map(places.branches.map((branch) => [branch.name, branch]));
const NO_FIGURE = null;

const yearData = () => DATA.capacity[state.year] ?? null;
const planData = () => DATA.plans[state.year] ?? null;

// Figures of a bus; null where the year has no such bus.
function figures(name, { year = state.year, criterion = state.criterion, step = state.flexibility } = {}) {
  const told = DATA.capacity[year];
  if (!told) return null;
  told.at ??= new Map(told.bus.map((bus, position) => [bus, position]));
  const row = told.at.get(name);
  const part = told.criteria[criterion];
  if (row === undefined || part === undefined) return null;
  const text = (table) => DATA.names[table[row][step]];
  return {
    mw: part.mw[row][step], hours: part.hours[row][step], free: part.free[row],
    left: part.free[row] - told.queued_mw[row],
    by: text(part.by), branch: text(part.branch), outage: text(part.outage), hour: text(part.hour),
    used: told.used_mw[row], reserved: told.reserved_mw[row], queued: told.queued_mw[row],
    candidate: told.candidate_mw[row],
    duration: part.duration?.[row] ?? null, offer: part.offer?.[row] ?? null,
    ranks: told.ranks, yearHours: told.hours,
  };
}

function busRows() {
  return places.buses
    .map((bus) => ({ kind: "bus", ...bus, ...figures(bus.name) }))
    .filter((row) => (state.kv === "" || String(row.kv) === state.kv) && row.mw !== undefined);
}

const project = (row) => ({
  kind: "project", ...row, kv: buses.get(row.bus)?.kv ?? null,
  x: places.sites[row.name][0], y: places.sites[row.name][1],
});
const projectRows = () => (planData()?.projects ?? []).map(project);

function branchRows() {
  const plan = planData();
  const position = new Map(DATA.names.map((name, at) => [name, at]));
  return places.branches
    .filter((branch) => branch.mva[state.year] !== undefined)
    .map((branch) => {
      const found = plan?.loading[position.get(branch.name)] ?? null;
      const [loading, outage, hour] = found ?? [null, null, null];
      return {
        ...branch, type: branch.kind, kind: "branch", rating: branch.mva[state.year],
        isPlanned: branch.planned.includes(Number(state.year)), loading,
        outage: outage === null ? null : DATA.names[outage],
        hour: hour === null ? null : DATA.names[hour],
      };
    });
}

// Capacities of a municipality's stations do not add up: the best one stands for it.
function municipalityRows() {
  const names = new Set([...(places.outlines.municipalities ?? []).map((area) => area.name)]);
  const stations = busRows().filter((row) => row.inside);
  const projects = projectRows();
  for (const row of [...stations, ...projects]) if (row.municipality) names.add(row.municipality);
  return [...names].map((name) => {
    const own = stations.filter((row) => row.municipality === name);
    const best = own.reduce((top, row) => (top === null || row.mw > top.mw ? row : top), null);
    const here = projects.filter((row) => row.municipality === name);
    const chosen = here.filter((row) => isChosen(row));
    return {
      kind: "municipality", name, stations: own.length,
      mw: best?.mw ?? NO_FIGURE, best: best?.name ?? "",
      used: sum(own, "used"), reserved: sum(own, "reserved"), queued: sum(own, "queued"),
      projects: here.length, chosen: chosen.length, chosenMw: sum(chosen, "mw"),
      rejectedMw: sum(here, "mw") - sum(chosen, "mw"),
    };
  });
}

const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
const isChosen = (row) => row.state === "chosen" || row.state === "conditional";

// Class of a value: the position of the first upper limit above it.
function classOf(value, classes) {
  if (value === null || value === undefined) return null;
  return classes.find((each) => each.below === null || value < each.below);
}

// What limits a bus, in words.
function limitWords(row) {
  const words = t(`page_limit_${row.by.replaceAll(" ", "_")}`, { mw: number(DATA.ceiling) });
  if (row.branch === "") return words;
  const pair = pairWords(row.branch, row.outage);
  return row.by === "branch" ? pair : `${words}: ${pair}`;
}

const limitShort = (row) => row.branch || limitWords(row);

function pairWords(branch, outage) {
  return outage === "" ? t("page_without_outage", { branch }) : t("page_after_outage", { branch, outage });
}

const outageWords = (outage) => (outage === "" ? t("page_no_outage") : outage);
const flexWords = (share) =>
  share === 0 ? t("page_firm") : t("page_flexible", { percent: percent(share) });
const basisWords = (basis) => DATA.texts[`page_basis_${basis}`] ?? basis;
const isAssumed = (basis) => DATA.assumed.includes(basis);
