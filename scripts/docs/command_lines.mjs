// Command lines shown in prose: `npm run NAME`, `nild …` and `npm run nild -- …`, checked against the real command tree.
import { readFileSync } from "node:fs";
import { program } from "../../dist/cmd/nild/program.js";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
const root = await program();

/** What is wrong with the command lines of a page: those in sh, console and unmarked blocks, and in inline code. */
export function commandFaults(text) {
  return commandLines(text).flatMap((line) => {
    const fault = faultOf(line);
    return fault === undefined ? [] : [`\`${line}\`: ${fault}`];
  });
}

function commandLines(text) {
  const fences = [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, language]) => ["", "sh", "console"].includes(language));
  const blocks = fences.flatMap(([, , body]) => body.replaceAll("\\\n", " ").split("\n"));
  const inline = [...text.replace(/^```[^]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  return [...blocks, ...inline]
    .flatMap((line) => line.split(/ \| | && |\$\(/))
    .map((line) => line.trim().replace(/^\$ /, "").replace(/^(?:[A-Z_]+=\S+ )+/, "").replace(/ #.*$| [&>].*$|\)$/, "").trim())
    .filter((line) => /^(?:nild|npm run|npx nild)(?= |$)/.test(line));
}

function faultOf(line) {
  const [, script, rest] = /^npm run (?:-s )?(\S+)(?: -- (.*))?$/.exec(line) ?? [];
  if (script !== undefined) {
    if (!Object.hasOwn(scripts, script)) return `package.json has no script ${script}`;
    if (script === "demo") return walk(["demo", ...words(rest)]);
    return script === "nild" ? walk(words(rest)) : undefined;
  }
  return walk(words(line.replace(/^(?:npx )?nild\s*/, "")));
}

const words = (text = "") => text.split(/\s+/).filter(Boolean);

function walk(args) {
  let at = root;
  let i = 0;
  for (; i < args.length; i++) {
    const next = at.commands.find((each) => each.name() === args[i] || each.aliases().includes(args[i]));
    if (!next) break;
    at = next;
  }
  const flags = new Set(["--help", "-h", ...at.options.flatMap(({ long, short }) => [long, short])]);
  if (at === root) flags.add("--version");
  const isPlaceholder = args[i] === undefined || /^(?:[-…<[]|\.\.\.|[A-Z]+$)/.test(args[i]);
  if (at.commands.length > 0 && !isPlaceholder) return `there is no command ${args.slice(0, i + 1).join(" ")}`;
  const unknown = args.slice(i).filter((arg) => /^--?[a-zA-Z]/.test(arg)).map((arg) => arg.split("=")[0]).find((arg) => !flags.has(arg));
  return unknown === undefined ? undefined : `${["nild", ...args.slice(0, i)].join(" ")} has no option ${unknown}`;
}
