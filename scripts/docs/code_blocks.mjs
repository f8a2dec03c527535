// A line `<!-- code: path#region -->` says that the fence below it is that region of that file (the whole file without #).
import { existsSync, readFileSync } from "node:fs";

const BLOCK = /^<!-- code: (\S+?)(?:#([^\n]+?))? -->\n```(\w*)\n([^]*?)^```$/gm;

/** The text with every marked fence as its file has it, and the marks that lead nowhere. */
export function fillBlocks(text) {
  const faults = [];
  let blocks = 0;
  const filled = text.replace(BLOCK, (all, path, region, language) => {
    blocks++;
    const body = existsSync(path) ? regionOf(readFileSync(path, "utf8"), region) : undefined;
    if (body !== undefined) return `<!-- code: ${path}${region ? `#${region}` : ""} -->\n\`\`\`${language}\n${body}\`\`\``;
    faults.push(`code: ${path}${region ? `#${region}` : ""} does not exist`);
    return all;
  });
  if (blocks !== (text.match(/^<!-- code: /gm) ?? []).length) faults.push("a `<!-- code: … -->` line is not followed by a code block");
  return { filled, faults };
}

/** The lines between `// #region NAME` and the next `// #endregion`, their common indentation taken off. */
function regionOf(source, region) {
  if (region === undefined) return source;
  const lines = source.split("\n");
  const start = lines.findIndex((line) => line.trim() === `// #region ${region}`);
  const length = lines.slice(start + 1).findIndex((line) => line.trim() === "// #endregion");
  if (start < 0 || length < 0) return undefined;
  const inner = lines.slice(start + 1, start + 1 + length);
  const indent = Math.min(...inner.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return `${inner.map((line) => line.slice(indent)).join("\n")}\n`;
}
