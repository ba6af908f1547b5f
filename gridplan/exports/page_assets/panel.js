// Facts of what is selected or pointed at, and its charts.
function factList(facts) {
  const list = element("dl", { class: "facts" });
  // Units stand behind the figures here, not in the names.
  for (const [label, value] of facts) list.append(element("dt", {}, label.replace(/ \([^()]*\)$/, "")), element("dd", {}, value));
  return list;
}

function factsOf(row) {
  const read = { bus: busFacts, project: projectFacts, municipality: areaFacts, branch: branchFacts };
  return read[row.kind](row);
}

function busFacts(row) {
  const facts = [];
  if (row.mw !== undefined) {
    facts.push(
      [t("column_capacity_mw"), `${mw(row.mw)} MW`], [t("column_limited_by"), limitWords(row)],
      [t("column_limiting_hour"), t("page_worst", { when: when(row.hour), hours: hours(row.hours) })],
      [t("column_used_mw"), `${mw(row.used)} MW`], [t("column_reserved_mw"), `${mw(row.reserved)} MW`],
      [t("column_queued_mw"), `${mw(row.queued)} MW`], [t("column_free_mw"), `${mw(row.free)} MW`],
    );
  }
  facts.push([t("column_kv"), `${kv(row.kv)} kV`]);
  if (row.municipality) facts.push([t("column_municipality"), row.municipality]);
  if (!row.inside) facts.push([t("page_place"), t("page_outside")]);
  if (row.basis) facts.push([t("column_basis"), basisWords(row.basis)]);
  return facts;
}

function projectFacts(row) {
  const facts = [
    [t("column_outcome"), t(`page_state_${row.state}`)], [t("column_mw"), `${mw(row.mw)} MW`],
    [t("column_bus"), row.bus],
  ];
  if (row.barred) facts.push([t("page_column_barred"), row.barred]);
  if (row.municipality) facts.push([t("column_municipality"), row.municipality]);
  if (row.year) facts.push([t("column_year"), String(row.year)]);
  if (row.sector) facts.push([t("column_sector"), row.sector]);
  for (const [name, unit] of [["annual_value_mnok", "page_unit_mnok"], ["co2_t_per_yr", "page_unit_co2"],
                              ["jobs", null], ["export_mnok_per_yr", "page_unit_mnok"]]) {
    if (row[name] !== undefined) {
      facts.push([t(name === "annual_value_mnok" ? "page_column_annual_value_mnok" : `column_${name}`), number(row[name]) + (unit ? ` ${t(unit)}` : "")]);
    }
  }
  if (row.basis) facts.push([t("column_basis"), basisWords(row.basis)]);
  return facts;
}

function areaFacts(row) {
  const facts = [];
  if (row.best) {
    facts.push([t("column_highest_capacity_mw"), `${mw(row.mw)} MW, ${row.best}`],
               [t("page_column_stations"), number(row.stations)],
               [t("column_used_mw"), `${mw(row.used)} MW`],
               [t("column_reserved_mw"), `${mw(row.reserved)} MW`],
               [t("column_queued_mw"), `${mw(row.queued)} MW`]);
  }
  if (planData()) {
    facts.push([t("column_chosen_mw"), t("page_of_mw", { count: row.chosen, mw: mw(row.chosenMw) })],
               [t("column_not_chosen_mw"),
                t("page_of_mw", { count: row.projects - row.chosen, mw: mw(row.rejectedMw) })]);
  }
  return facts;
}

function branchFacts(row) {
  const facts = [
    [t("column_type"), t(`page_type_${row.type}`)], [t("column_kv"), `${kv(row.kv)} kV`],
    [t("column_s_nom_mva"), `${number(row.rating)} MVA`],
  ];
  if (row.loading !== null) {
    const why = row.outage === null ? "" : `, ${outageText(row.outage)}, ${when(row.hour)}`;
    facts.push([t("page_column_loading"), `${percent(row.loading)} %${why}`]);
  }
  if (row.basis) facts.push([t("column_basis"), basisWords(row.basis)]);
  if (row.isPlanned) facts.push([t("column_planned"), t("page_yes")]);
  return facts;
}

const outageText = (outage) => (outage === "" ? t("page_no_outage") : t("page_when_out", { outage }));

// Panel -----------------------------------------------------------------------------------------
function rowOf({ kind, name }) {
  if (kind === "bus") return { kind, ...buses.get(name), ...figures(name) };
  const rows = { project: projectRows, municipality: municipalityRows, branch: branchRows }[kind]();
  return rows.find((row) => row.name === name) ?? null;
}

function drawPanel() {
  const row = state.selected && rowOf(state.selected);
  const empty = !row || (row.kind === "bus" && row.mw === undefined && DATA.hasCapacity);
  byId("panel-hint").hidden = Boolean(row);
  byId("panel-hint").textContent = state.selected && !row ? t("page_not_this_year") : t("page_hint");
  byId("panel-name").textContent = row ? row.name : "";
  byId("panel-facts").replaceChildren(...(row ? [factList(factsOf(row)), siblings(row)] : []));
  byId("panel-note").textContent = row && empty ? t("page_not_this_year") : "";
  const bus = row?.kind === "bus" && row.mw !== undefined ? row : null;
  byId("panel-limits").replaceChildren(...(bus ? [limitTable(bus.name)] : []));
  byId("charts").hidden = !bus?.duration;
  byId("panel-no-hours").hidden = !bus || Boolean(bus.duration);
  if (bus?.duration) { drawDuration(bus); drawOffer(bus); }
}

// Other voltages of the same station, and the bus of a project.
function siblings(row) {
  const names = row.kind === "project" ? [row.bus] : row.kind === "branch" ? row.ends
    : row.kind === "bus" ? places.buses.filter((b) => b.station === row.station && b.name !== row.name).map((b) => b.name) : [];
  const sited = row.kind === "bus" ? projectRows().filter((p) => p.bus === row.name) : [];
  const button = (kind, name) =>
    element("button", { type: "button", class: "link", onclick: () => select({ kind, name }) }, name);
  return element("p", { class: "siblings" }, ...names.map((name) => button("bus", name)),
                 ...sited.map((each) => button("project", each.name)));
}

// What limits a bus at every flexibility.
function limitTable(name) {
  const head = ["page_column_flexibility", "page_column_mw_short", "column_limited_by", "column_limiting_hours"];
  const body = DATA.flexibilities.map((share, step) => {
    const row = figures(name, { step });
    return element("tr", step === state.flexibility ? { class: "current" } : {},
      element("td", {}, flexWords(share)), element("td", { class: "number" }, mw(row.mw)),
      element("td", {}, limitWords(row), element("small", {}, t("page_least_room", { when: when(row.hour) }))),
      element("td", { class: "number" }, number(row.hours)));
  });
  return element("table", {},
    element("caption", {}, t("page_limits_title", { criterion: state.criterion })),
    element("thead", {}, element("tr", {}, ...head.map((key) => element("th", { scope: "col" }, t(key))))),
    element("tbody", {}, ...body));
}

// Charts ----------------------------------------------------------------------------------------
function nice(from, to, count = 5) {
  const raw = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= raw * 0.999);
  const ticks = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to + step * 1e-6; tick += step) {
    ticks.push(Math.round(tick / step) * step);
  }
  return { ticks, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

function setAxes(figure, x, y) {
  for (const [axis, range, [from, to, label]] of [[figure.below[0], figure.x_range, x], [figure.left[0], figure.y_range, y]]) {
    range.setv({ start: from, end: to });
    const { ticks, decimals } = nice(from, to);
    axis.ticker.ticks = ticks;
    axis.major_label_overrides = new Map(ticks.map((tick) => [tick, number(tick, decimals)]));
    axis.axis_label = label;
  }
}

function drawDuration(row) {
  const others = DATA.years.map(String).filter((year) => year !== state.year)
    .map((year) => figures(row.name, { year })).filter((other) => other?.duration);
  const top = Math.max(...[row, ...others].map((each) => each.duration[0]), 1) * 1.06;
  place("duration_others", { xs: others.map((o) => o.ranks), ys: others.map((o) => o.duration), text: others.map(() => "") });
  place("duration_curve", { x: row.ranks, y: row.duration,
    text: row.ranks.map((rank, i) => t("page_tip_duration", { mw: mw(row.duration[i]), hours: number(rank) })) });
  place("duration_marks", { xs: [[0, row.yearHours]], ys: [[row.mw, row.mw]], text: [""] });
  place("duration_dots", { x: [], y: [], text: [] });
  const label = row.yearHours === 8760 ? t("chart_rank_year") : t("chart_rank_of", { hours: number(row.yearHours) });
  setAxes(models.duration, [0, row.yearHours, label], [0, top, "MW"]);
  byId("duration-title").textContent = t("page_duration_title", { year: state.year, criterion: state.criterion });
  const share = DATA.flexibilities[state.flexibility];
  const parts = [t("page_duration_mark", { mw: mw(row.mw), flexibility: flexWords(share) })];
  if (others.length) parts.push(t("page_duration_others"));
  parts.push(t("page_duration_points", { points: number(row.ranks.length), hours: number(row.yearHours) }));
  byId("duration-note").textContent = parts.join(" ");
}

function drawOffer(row) {
  const [sizes, shares, cut, longest] = row.offer;
  byId("offer").hidden = sizes.length < 2;
  byId("offer-title").textContent = t("page_offer_title", { year: state.year, criterion: state.criterion });
  byId("offer-note").textContent = sizes.length < 2 ? t("chart_no_capacity") : t("page_offer_note");
  if (sizes.length < 2) return;
  const y = shares.map((share) => share * 100);
  place("offer_curve", { x: sizes, y, text: sizes.map((size, i) => t("page_tip_offer", {
    mw: mw(size), percent: percent(shares[i]), hours: number(cut[i]), longest: number(longest[i]) })) });
  const marked = DATA.flexibilities.map((share, step) => ({ share, mw: figures(row.name, { step }).mw }));
  place("offer_dots", { x: marked.map((m) => m.mw), y: marked.map((m) => m.share * 100), text: marked.map(() => "") });
  const now = marked[state.flexibility];
  place("offer_marks", { xs: [[now.mw, now.mw]], ys: [[0, Math.max(...y) * 1.06]], text: [""] });
  place("offer_others", { xs: [], ys: [], text: [] });
  const from = Math.min(sizes[0], now.mw), to = sizes[sizes.length - 1];
  setAxes(models.offer, [from - (to - from) * 0.03, to, t("chart_size")],
          [0, Math.max(...y) * 1.06, t("page_curtailed_axis")]);
}
