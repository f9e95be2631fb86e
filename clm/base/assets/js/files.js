// <label class="drop-zone" data-drop-zone> around a file input: drag a file onto it, see its name and size.
import { each } from "./page.js";

const size = (bytes) => {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(3, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: units[step], maximumFractionDigits: 1 })
    .format(bytes / 1000 ** step);
};

each("[data-drop-zone]", (zone) => {
  const input = zone.querySelector('input[type="file"]');
  const name = zone.querySelector("[data-file-name]");
  const show = () => { if (name) name.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(", "); };
  for (const type of ["dragenter", "dragover"])
    zone.addEventListener(type, (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", show);
});
