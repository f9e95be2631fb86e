// What was typed in a condition and can't be: its preview says so with <li data-slip="id of the field">, marked there too.
const unmark = (field) => {
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
  document.getElementById(`${field.id}-error`)?.remove();
};

function mark(field, reason) {
  const told = document.getElementById(`${field.id}-error`) ?? document.createElement("div");
  Object.assign(told, { id: `${field.id}-error`, className: "field-errors", textContent: reason });
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", told.id);
  field.closest(".field-row").append(told);
  field.closest("details")?.setAttribute("open", "");
}

document.addEventListener("htmx:after:swap", (event) => {
  const preview = event.detail?.ctx?.target ?? event.target;
  if (!(preview instanceof Element) || !preview.matches(".condition-preview")) return;
  const builder = document.getElementById(preview.id.replace(/preview$/, "builder"));
  const slips = new Map([...preview.querySelectorAll("[data-slip]")].map((slip) => [slip.dataset.slip, slip.dataset.reason]));
  // What a refused form says of an empty field stays until something is typed there.
  builder?.querySelectorAll("[aria-invalid]").forEach((field) => field.value && !slips.has(field.id) && unmark(field));
  for (const [id, reason] of slips) {
    const field = document.getElementById(id);
    if (field) mark(field, reason);
  }
});
