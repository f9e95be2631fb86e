// <table data-select-rows>: check boxes with shift-range, "all", a bulk bar with the count; "all that match" is told by the server.
import { each } from "./page.js";

each("[data-select-rows]", (table) => {
  const boxes = () => [...table.querySelectorAll('tbody input[type="checkbox"][name]')];
  const all = table.querySelector("[data-select-all]");
  const bar = document.getElementById(table.dataset.bulkBar ?? "");
  const matching = bar?.querySelector("[data-all-chosen]");
  let last = null;

  const show = () => {
    const chosen = boxes().filter((box) => box.checked);
    const isWhole = chosen.length > 0 && chosen.length === boxes().length;
    boxes().forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
    if (all) {
      all.checked = isWhole;
      all.indeterminate = chosen.length > 0 && !isWhole;
    }
    if (!bar) return;
    if (!isWhole) matching?.replaceChildren();
    const everything = matching?.querySelector("[data-all-matching]")?.dataset.allMatching;
    bar.hidden = chosen.length === 0;
    bar.querySelectorAll("[data-selected-count]").forEach((element) => (element.textContent = everything ?? String(chosen.length)));
    bar.querySelectorAll("[data-choose-all]").forEach((button) => (button.hidden = !isWhole || everything !== undefined));
  };
  table.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    if (box === all) boxes().forEach((each) => (each.checked = all.checked));
    else {
      if (event.shiftKey && last) {
        const [from, to] = [boxes().indexOf(last), boxes().indexOf(box)].sort((a, b) => a - b);
        boxes().slice(from, to + 1).forEach((each) => (each.checked = box.checked));
      }
      last = box;
    }
    show();
  });
  document.addEventListener("htmx:after:swap", show);
  bar?.querySelector("[data-clear-selection]")?.addEventListener("click", () => { boxes().forEach((box) => (box.checked = false)); show(); });
  show();
});
