// A folder is a rule set (docs/architecture.md): these rules hold the borders.
import tseslint from "typescript-eslint";

const TESTS = ["**/test/**"];

/** What may never decide state: clocks, randomness, the outside world, locale, floats, promises. */
const ZONE_GLOBALS = [
  "Date", "performance", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "process", "fetch", "Promise", "Intl", "crypto",
  "console", "WeakRef", "FinalizationRegistry", "parseFloat", "Buffer", "navigator", "structuredClone", "SharedArrayBuffer", "Atomics",
].map((name) => ({ name, message: "not in the deterministic zone" }));

const ZONE_SYNTAX = [
  ["AwaitExpression", "the state machine is synchronous"],
  [":function[async=true]", "the state machine is synchronous"],
  ["ForOfStatement[await=true]", "the state machine is synchronous"],
  ["ForInStatement", "property order is no order"],
  ["BinaryExpression[operator='/']", "use quoDown, quoUp, mulDivDown or mulDivUp"],
  ["AssignmentExpression[operator='/=']", "use quoDown, quoUp, mulDivDown or mulDivUp"],
  ["BinaryExpression[operator='**'][left.type!='Literal']", "powers of literals only"],
  ["Literal[raw=/^[0-9_]*\\.[0-9]/]", "no floats"],
  ["CallExpression[callee.property.name=/^(sort|toSorted)$/][arguments.length=0]", "say the order"],
  ["CallExpression[callee.property.name=/^(localeCompare|toLocale[A-Za-z]*)$/]", "locale decides nothing here"],
  ["MemberExpression[object.name='JSON'][property.name='stringify']", "JSON has no canonical form"],
  ["MemberExpression[object.name='Math'][property.name!=/^(min|max|floor|trunc|abs|imul|clz32)$/]", "integer helpers only"],
  ["Program > VariableDeclaration[kind='let']", "no module-level state"],
  ["ExportNamedDeclaration > VariableDeclaration[kind='let']", "no module-level state"],
].map(([selector, message]) => ({ selector, message }));

/** Import order, bottom up: sdk → nilfs → x → app → cmd; node sees the application interface only. */
const forbid = (...names) => ({
  "no-restricted-imports": ["error", { patterns: names.map((name) => ({ regex: name, message: "this import crosses a border of docs/architecture.md" })) }],
});
const NODE_BUILTIN = "^node:|^(fs|path|os|crypto|net|http|http2|worker_threads|child_process)$";

export default tseslint.config(
  { ignores: ["dist/**", "gen/**", "node_modules/**", "nilfs/assembly/**", "coverage/**"] },
  {
    files: ["**/*.ts"],
    languageOptions: { parser: tseslint.parser },
    plugins: { ts: tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-fallthrough": "error",
      "no-self-compare": "error",
      "no-constant-binary-expression": "error",
      "no-unsafe-finally": "error",
      "no-empty": "error",
      "ts/no-explicit-any": "error",
      "ts/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "ts/consistent-type-imports": "error",
      "ts/no-non-null-asserted-optional-chain": "error",
    },
  },
  {
    files: ["sdk/**/*.ts", "x/**/*.ts", "app/**/*.ts", "docs/tutorial/vault/**/*.ts"],
    ignores: [...TESTS, "sdk/testing/**"],
    rules: {
      "no-restricted-globals": ["error", ...ZONE_GLOBALS],
      "no-restricted-syntax": ["error", ...ZONE_SYNTAX],
      "ts/no-restricted-types": "off",
    },
  },
  // The one thing of the zone that waits for the disk, and the database port that it waits on.
  {
    files: ["sdk/store/multistore.ts", "sdk/store/memory.ts", "sdk/store/types.ts", "sdk/baseapp/**/*.ts", "app/app.ts"],
    ignores: TESTS,
    rules: {
      "no-restricted-globals": ["error", ...ZONE_GLOBALS.filter(({ name }) => name !== "Promise")],
      "no-restricted-syntax": ["error", ...ZONE_SYNTAX.filter(({ message }) => message !== "the state machine is synchronous")],
    },
  },
  { files: ["sdk/**/*.ts"], ignores: [...TESTS, "sdk/crypto/hash.ts", "sdk/testing/**"], rules: forbid(NODE_BUILTIN, "^nild/(?!gen/)") },
  { files: ["sdk/crypto/hash.ts"], rules: forbid("^node:(?!crypto$)", "^nild/") },
  { files: ["sdk/testing/**/*.ts"], rules: forbid("^nild/(node|provider|client)") },
  { files: ["nilfs/**/*.ts"], ignores: [...TESTS, "nilfs/native/**", "nilfs/offline/**"], rules: forbid(NODE_BUILTIN, "^nild/(?!gen/|nilfs)") },
  { files: ["nilfs/native/**/*.ts", "nilfs/offline/**/*.ts"], rules: forbid("^nild/(?!gen/|nilfs)") },
  { files: ["x/**/*.ts", "docs/tutorial/vault/**/*.ts"], ignores: TESTS, rules: forbid(NODE_BUILTIN, "^nild/(?!gen/|sdk|nilfs$|x/)") },
  { files: ["app/**/*.ts"], ignores: TESTS, rules: forbid(NODE_BUILTIN, "^nild/(node|provider|client)") },
  { files: ["node/**/*.ts"], ignores: TESTS, rules: forbid("^nild/(x/|app|provider|client|nilfs)") },
  { files: ["client/**/*.ts"], ignores: TESTS, rules: forbid(NODE_BUILTIN, "^nild/(x/|app|node|provider|nilfs/(native|offline))") },
  { files: ["provider/**/*.ts"], ignores: TESTS, rules: forbid("^nild/(x/|app|node)") },
);
