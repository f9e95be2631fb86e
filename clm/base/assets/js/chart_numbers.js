// Numbers in the language of the page.
const language = () => document.documentElement.lang || "en";

/** unit: "number", "percent" (a fraction), "days", "points", or an ISO currency such as "EUR". */
export function formatter(unit = "number") {
  const format = new Intl.NumberFormat(language(), style(unit));
  return (value) => (value === null || value === undefined || value === "-" ? "–" : format.format(value));
}

function style(unit) {
  if (unit === "percent") return { style: "percent", maximumFractionDigits: 1 };
  if (unit === "days") return { style: "unit", unit: "day", unitDisplay: "narrow", maximumFractionDigits: 1 };
  if (/^[A-Z]{3}$/.test(unit)) return { style: "currency", currency: unit, currencyDisplay: "narrowSymbol" };
  if (unit === "points") return { maximumFractionDigits: 0, signDisplay: "exceptZero", roundingMode: "halfExpand" };
  return { maximumFractionDigits: 2 };
}

export function shortFormatter(unit) {
  const format = new Intl.NumberFormat(language(), { ...style(unit), notation: unit === "percent" ? "standard" : "compact", maximumFractionDigits: 1 });
  return (value) => format.format(value);
}
