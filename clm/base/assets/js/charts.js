// <div data-chart="bar" data-source="id of a JSON script">: draws it, follows theme and width, exports PNG.
import { BarChart, HeatmapChart, LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import { colours } from "./chart_colours.js";
import { options } from "./chart_options.js";
import { exportPng } from "./chart_png.js";
import { say } from "./page.js";

use([BarChart, HeatmapChart, LineChart, SankeyChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer, SVGRenderer]);

const paper = matchMedia("print");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function draw(element) {
  const source = document.getElementById(element.dataset.source);
  if (!source) return;
  const data = JSON.parse(source.textContent);
  if (isEmpty(data)) {
    element.textContent = say("Empty");
    return;
  }
  const chart = init(element, null, { renderer: "svg" });
  const show = () =>
    chart.setOption(
      { animation: !calm.matches && !paper.matches, ...options(element.dataset.chart, data, colours(element), element) }, true);
  show();
  document.addEventListener("theme:change", show);
  paper.addEventListener("change", show);
  new ResizeObserver(() => { if (element.clientWidth) { chart.resize(); show(); } }).observe(element);
  chart.on("click", (event) => {
    const href = event.data?.href ?? data.hrefs?.[event.dataIndex];
    if (href?.startsWith("/") || href?.startsWith("?")) location.assign(href);
  });
  element.closest("figure")?.querySelector("[data-chart-png]")?.addEventListener("click", () =>
    exportPng(element, options(element.dataset.chart, data, colours(element), element)));
}

/** No value at all: a sentence says so instead of bare axes. */
function isEmpty(data) {
  const numbers = data.flows?.map((flow) => flow.value) ?? data.rows?.flat() ?? data.series.flatMap((series) => series.values);
  return !numbers.some((value) => value !== null && value !== undefined);
}
