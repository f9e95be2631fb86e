// Our data shapes (clm/base/charts.py) to ECharts options. Tooltips are rich text: HTML ones need inline styles.
import { formatter, shortFormatter } from "./chart_numbers.js";

const kinds = { bar, line, sankey, heatmap };
const SMALLEST_FLOW = 0.005;
const NARROW = 480;

export function options(kind, data, colours, element) {
  return { ...frame(data, colours, element), ...kinds[kind](data, colours, element) };
}

/** Without a description ECharts would describe the chart in English. */
const described = (data, element) => data.description ?? data.title ?? document.getElementById(element.closest("figure")?.getAttribute("aria-labelledby"))?.textContent;

function frame(data, colours, element) {
  return {
    textStyle: { fontFamily: colours.font, color: colours.text, fontSize: 12 },
    aria: { enabled: true, label: { description: described(data, element) || " " } },
    tooltip: tooltip(colours, { trigger: "axis", valueFormatter: formatter(data.unit) }),
  };
}

const tooltip = (colours, more) => ({
  renderMode: "richText", confine: true, backgroundColor: colours.card, borderColor: colours.line, padding: 10,
  textStyle: { color: colours.text, fontSize: 12, fontFamily: colours.font }, ...more,
});

const valueAxis = (data, colours, more) => ({
  type: "value", axisLabel: { color: colours.muted, formatter: shortFormatter(data.unit) },
  splitLine: { lineStyle: { color: colours.line } }, ...more,
});
const labelAxis = (data, colours, more) => ({
  type: "category", data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line } },
  axisLabel: { color: colours.text, hideOverlap: true }, ...more,
});

function legend(data, colours) {
  if (data.series.length < 2) return { show: false };
  return { show: true, top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: colours.text } };
}

const colourOf = (series, index, colours, alone) =>
  series.stage === undefined ? (alone ? colours.accent : colours.stages[(index % 12) + 1]) : colours.stages[series.stage];

function bar(data, colours, element) {
  const lying = data.horizontal ?? true;
  const alone = data.series.length === 1;
  const labels = labelAxis(data, colours, lying ? { inverse: true, axisLine: { show: false }, axisLabel: { color: colours.text, width: element.clientWidth < NARROW ? 90 : 150, overflow: "truncate" } } : {});
  const values = valueAxis(data, colours, lying && alone ? { show: false, max: "dataMax" } : {});
  return {
    grid: { left: 0, right: lying && alone ? 76 : 8, top: alone ? 4 : 32, bottom: 6, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: legend(data, colours),
    xAxis: lying ? values : labels,
    yAxis: lying ? labels : values,
    tooltip: tooltip(colours, { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: formatter(data.unit) }),
    series: data.series.map((series, index) => ({
      type: "bar", name: series.name, stack: data.stacked ? "all" : undefined, barMaxWidth: lying ? 22 : 34,
      itemStyle: { color: colourOf(series, index, colours, alone), borderRadius: data.stacked ? 0 : 3 },
      label: { show: lying && alone, position: "right", color: colours.text, formatter: (item) => formatter(data.unit)(item.value) },
      cursor: data.hrefs ? "pointer" : "default",
      data: series.values.map((value, place) => ({
        value: value ?? "-", href: data.hrefs?.[place],
        ...(data.stages ? { itemStyle: { color: colours.stages[data.stages[place]] } } : {}),
      })),
    })),
  };
}

function line(data, colours) {
  const alone = data.series.length === 1;
  return {
    grid: { left: 0, right: 12, top: alone ? 12 : 34, bottom: 6, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: legend(data, colours),
    xAxis: labelAxis(data, colours, { boundaryGap: false, axisLabel: { color: colours.muted, hideOverlap: true } }),
    yAxis: valueAxis(data, colours, { scale: data.zoomed ?? false }),
    series: data.series.map((series, index) => {
      const colour = colourOf(series, index, colours, alone);
      return {
        type: "line", name: series.name, data: series.values.map((value) => value ?? "-"), connectNulls: false,
        showSymbol: series.values.length < 3, symbolSize: 6, stack: data.stacked ? "all" : undefined,
        lineStyle: { width: 2, color: colour, type: series.provisional ? "dashed" : "solid" }, itemStyle: { color: colour },
        areaStyle: alone || data.stacked ? { color: colour, opacity: data.stacked ? 0.5 : 0.12 } : undefined,
      };
    }),
  };
}

/** Lifecycles go backwards and in circles, a sankey must not: so a stage is one node for each date. Values are linear. */
function sankey(data, colours, element) {
  const total = Math.max(...data.periods.slice(1).map((_, period) =>
    data.flows.filter((flow) => flow.period === period).reduce((sum, flow) => sum + flow.value, 0)), 0);
  const flows = data.flows.filter((flow) => flow.value > 0 && flow.value >= total * SMALLEST_FLOW);
  const node = (period, stage) => `${period}:${stage}`;
  const last = data.periods.length - 1;
  const used = new Set(flows.flatMap((flow) => [node(flow.period, flow.source), node(flow.period + 1, flow.target)]));
  const number = formatter(data.unit);
  const narrow = element.clientWidth < NARROW;
  const nodes = data.periods.flatMap((when, period) =>
    data.stages.map((stage, index) => ({
      name: node(period, index), stage: stage.name, when, depth: period, itemStyle: { color: colours.stages[stage.slot ?? index + 1] },
      label: { position: period === last && narrow ? "left" : "right" },
    }))).filter((item) => used.has(item.name));
  const names = Object.fromEntries(nodes.map((item) => [item.name, item]));
  return {
    tooltip: tooltip(colours, {
      trigger: "item",
      formatter: ({ dataType, data: item, value }) => dataType === "edge"
        ? `${names[item.source].stage} → ${names[item.target].stage}\n${number(item.value)}`
        : `${item.stage}, ${item.when}\n${number(value)}`,
    }),
    series: [{
      type: "sankey", left: 0, right: narrow ? 0 : 96, top: 6, bottom: 6, nodeWidth: 9, nodeGap: element.clientHeight < 260 ? 6 : 11, layoutIterations: 0,
      draggable: false, emphasis: { focus: "adjacency" }, lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
      label: { color: colours.text, fontSize: 12, formatter: ({ data: item }) => item.stage, textBorderColor: colours.card, textBorderWidth: 2 },
      data: nodes,
      links: flows.map((flow) => ({
        source: node(flow.period, flow.source), target: node(flow.period + 1, flow.target), value: flow.value, href: flow.href,
      })),
    }],
  };
}

function heatmap(data, colours) {
  const cells = data.rows.flatMap((row, y) => row.map((value, x) => [x, y, value ?? "-"]));
  const top = Math.max(...cells.map(([, , value]) => (value === "-" ? 0 : value)), 0);
  const number = formatter(data.unit);
  return {
    grid: { left: 0, right: 4, top: 6, bottom: 0, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: labelAxis(data, colours, { position: "top" }),
    yAxis: { type: "category", data: data.row_labels, inverse: true, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: colours.text } },
    visualMap: { show: false, min: 0, max: top || 1, inRange: { color: [colours.low, colours.high] } },
    tooltip: tooltip(colours, { trigger: "item", formatter: ({ value: [x, y, value] }) => `${data.row_labels[y]} · ${data.labels[x]}\n${number(value)}` }),
    series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: colours.card, borderWidth: 2, borderRadius: 3 } }],
  };
}
