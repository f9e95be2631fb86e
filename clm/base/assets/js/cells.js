// A form in a cell of a table: it has the focus, Esc leaves it as it was, and the focus goes back to the cell.
import { each } from "./page.js";

each("[data-cell-form]", (form) => {
  form.querySelector("input:not([type=hidden]), select")?.focus();
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    form.querySelector("[data-cell-cancel]")?.click();
  });
});
each(".cell-edit[autofocus]", (link) => link.focus());
