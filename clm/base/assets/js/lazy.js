// The chart library comes only to pages that have a chart.
import { each } from "./page.js";

let library;
each("[data-chart]", (element) => {
  library ??= import(document.body.dataset.charts);
  library.then(({ draw }) => draw(element));
});
each("[data-chart-table]", (button) =>
  button.addEventListener("click", () => {
    const figure = button.closest("figure");
    const table = figure.querySelector("[data-table-view]");
    table.hidden = !table.hidden;
    figure.querySelector("[data-chart]").hidden = !table.hidden;
    button.setAttribute("aria-pressed", String(!table.hidden));
    if (table.hidden) dispatchEvent(new Event("resize"));
  }));
