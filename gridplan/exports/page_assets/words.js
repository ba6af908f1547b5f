// Texts, numbers and elements. Names from a study only ever become text nodes.
const DATA = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function t(key, values = {}) {
  const text = DATA.texts[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

function number(value, decimals = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  let [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  whole = whole.replace(/\B(?=(\d{3})+$)/g, DATA.texts.thousands);
  const text = part ? whole + DATA.texts.decimal + part : whole;
  return value < 0 && /[1-9]/.test(text) ? "−" + text : text;
}

// Megawatts as the printed maps write them: one decimal where it says something.
function mw(value) {
  if (value === null || value === undefined) return "–";
  const rounded = Math.round(value * 10) / 10;
  const whole = Math.abs(rounded) >= 100 || Number.isInteger(rounded);
  return number(value, whole ? 0 : 1); // not rounded twice
}

const percent = (share) => number(share * 100, Number.isInteger(Math.round(share * 1e4) / 100) ? 0 : 1);
const kv = (value) => number(value, Number.isInteger(value) ? 0 : 1);

function hours(count) {
  return t(count === 1 ? "hours_one" : "hours_many", { hours: number(count) });
}

// "2019-01-14T08:00" in words; the hours of a study are UTC.
function when(iso) {
  const [, year, month, day, hour] = /^(\d+)-(\d+)-(\d+)T(\d+)/.exec(iso);
  const name = DATA.texts.months.split(" ")[Number(month) - 1];
  const date = t("date", { day: Number(day), month: name, year });
  return t("page_hour", { date, hour });
}

// element("td", {class: "mw"}, "12"): attributes and text nodes, never markup.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

// For searching: without case and accents, so that "afjord" finds Åfjord.
const folded = (text) =>
  text.toLowerCase().replace(/æ/g, "ae").replace(/ø/g, "o")
    .normalize("NFD").replace(/[\u0300-\u036f]/g, "");

const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
