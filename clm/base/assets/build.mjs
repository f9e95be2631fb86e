// Builds static/base except app.css: bundles the scripts, copies htmx and the fonts, draws the icon sprite.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const here = new URL(".", import.meta.url).pathname;
const root = join(here, "../../..");
const out = join(root, "static/base");
const modules = join(root, "node_modules");
const sources = ["templates", "clm", "customers", "lifecycle", "campaigns", "metrics"];

async function* files(folder, endings) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path, endings);
    else if (endings.some((ending) => entry.name.endsWith(ending))) yield path;
  }
}

/** Icons named in icons.txt, plus every <c-icon name="x">, icon="x" in templates and icon="x" in Python. */
async function usedIcons() {
  const listed = (await readFile(join(here, "icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
  const found = new Set(listed);
  for (const folder of sources)
    for await (const path of files(join(root, folder), [".html", ".py"])) {
      const text = await readFile(path, "utf8");
      for (const match of text.matchAll(/(?:<c-icon\s+name|\bicon)\s*=\s*"([a-z0-9-]+)"/g)) found.add(match[1]);
    }
  return [...found].sort();
}

async function drawSprite() {
  const symbols = [];
  for (const name of await usedIcons()) {
    const svg = await readFile(join(modules, "lucide-static/icons", `${name}.svg`), "utf8").catch(() => null);
    if (!svg) { console.error(`No lucide icon is called "${name}".`); process.exitCode = 1; continue; }
    const body = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s+/g, " ").trim()}</symbol>`);
  }
  const head = `<svg xmlns="http://www.w3.org/2000/svg"><!-- lucide-static, ISC licence -->\n`;
  await writeFile(join(out, "icons.svg"), head + symbols.join("\n") + "\n</svg>\n");
}

/** The licences ask to travel with the files. */
async function gatherLicences() {
  const parts = [];
  for (const name of ["@fontsource-variable/inter", "daisyui", "echarts", "htmx.org", "lucide-static", "sortablejs", "tailwindcss", "zrender"]) {
    const folder = join(modules, name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const texts = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)(\.\w+)?$/i.test(file)).sort();
    const body = await Promise.all(texts.map((file) => readFile(join(folder, file), "utf8")));
    parts.push(`${name} ${version} (${license})\n${"=".repeat(72)}\n${body.join("\n").trim()}\n`);
  }
  await writeFile(join(out, "licences.txt"), parts.join("\n\n"));
}

const shared = { bundle: true, format: "esm", target: "es2022", legalComments: "none", charset: "utf8", logLevel: "warning" };
await mkdir(join(out, "fonts"), { recursive: true });
await Promise.all([
  build({ ...shared, entryPoints: [join(here, "js/app.js")], outfile: join(out, "app.js") }),
  build({ ...shared, entryPoints: [join(here, "js/charts.js")], outfile: join(out, "charts.js"), minify: true }),
  build({ ...shared, entryPoints: [join(here, "js/board.js")], outfile: join(out, "board.js"), minify: true }),
  copyFile(join(modules, "htmx.org/dist/htmx.min.js"), join(out, "htmx.min.js")),
  ...["latin", "latin-ext"].map((set) =>
    copyFile(
      join(modules, `@fontsource-variable/inter/files/inter-${set}-wght-normal.woff2`),
      join(out, `fonts/inter-${set}.woff2`),
    )),
  drawSprite(),
  gatherLicences(),
]);
