import { MAX_FILES, MDU_BYTES, buildMdu0, checkPath, extentInMdu, extentOf, findFile, listFiles, parseFileTable, parseMdu0, type FileRecord } from "nild/nilfs";
import { codeOf } from "./codes.js";

const FILE_TABLE = 2_097_152;
const RECORDS = FILE_TABLE + 128;
const file = (path: string, startOffset = 0, length = 10): FileRecord => ({ path, startOffset, length, timestamp: 0n, flags: 0 });
const roots = [new Uint8Array(32).fill(0xee), new Uint8Array(32).fill(2)];

function changed(change: (mdu0: Uint8Array, view: DataView) => void): Uint8Array {
  const mdu0 = buildMdu0(roots, [file("a"), file("folder/b", 10, 20)]);
  change(mdu0, new DataView(mdu0.buffer));
  return mdu0;
}

describe("MDU 0", () => {
  it("keeps roots and records", () => {
    const records: FileRecord[] = [
      { path: "a", startOffset: 0, length: 2 ** 33, timestamp: 2n ** 64n - 1n, flags: 0xc2 },
      { path: "ü".repeat(20), startOffset: 2 ** 33, length: 0, timestamp: 1n, flags: 0 },
    ];
    expect(parseMdu0(buildMdu0(roots, records), 3)).toEqual({ roots, records });
  });

  it("lists each live path once, the last record of a path winning", () => {
    const mdu0 = buildMdu0(roots, [file("a", 0, 5), file("b", 5, 5), file("a", 10, 7)]);
    mdu0.fill(0, RECORDS + 64 + 24, RECORDS + 128); // a tombstone: the path goes, the extent stays
    expect(listFiles(mdu0)).toEqual([file("a", 10, 7)]);
    expect(findFile(mdu0, "a").startOffset).toBe(10);
    expect(codeOf(() => findFile(mdu0, "b"))).toBe("file_not_found");
    expect(codeOf(() => findFile(mdu0, "A"))).toBe("file_not_found");
    expect(parseFileTable(mdu0)[1]).toEqual({ startOffset: 5, length: 5, timestamp: 0n, flags: 0 });
  });

  it("knows each MDU's extent, freed records included", () => {
    const cap = 8_126_464;
    const records = [file("a", 0, 100), file("b", cap, cap + 7), { startOffset: 3 * cap, length: 9, timestamp: 0n, flags: 0 }];
    expect(extentOf(records)).toBe(3 * cap + 9);
    expect([0, 1, 2, 3, 4].map((u) => extentInMdu(records, u))).toEqual([100, cap, 7, 9, 0]);
  });

  it.each<[string, (mdu0: Uint8Array, view: DataView) => void]>([
    ["another magic", (mdu0) => (mdu0[FILE_TABLE] = 0x6e)],
    ["another version", (mdu0) => (mdu0[FILE_TABLE + 4] = 2)],
    ["a pad byte", (mdu0) => (mdu0[FILE_TABLE + 5] = 1)],
    ["another record size", (mdu0) => (mdu0[FILE_TABLE + 6] = 65)],
    ["more records than fit", (_, view) => view.setUint32(FILE_TABLE + 8, MAX_FILES + 1, true)],
    ["4 billion records", (_, view) => view.setUint32(FILE_TABLE + 8, 0xffff_ffff, true)],
    ["fewer records than written", (_, view) => view.setUint32(FILE_TABLE + 8, 1, true)],
    ["a reserved byte of the header", (mdu0) => (mdu0[FILE_TABLE + 127] = 1)],
    ["the last byte", (mdu0) => (mdu0[MDU_BYTES - 1] = 1)],
    ["a root beyond the slab", (mdu0) => (mdu0[32 * 2] = 1)],
    ["a record that ends beyond any slab", (_, view) => view.setBigUint64(RECORDS, 2n ** 63n, true)],
    ["a length that ends beyond any slab", (_, view) => view.setBigUint64(RECORDS + 8, 2n ** 55n, true)],
    ["a path with something after its end", (mdu0) => (mdu0[RECORDS + 24 + 39] = 0x61)],
    ["a path that is not UTF-8", (mdu0) => (mdu0[RECORDS + 24] = 0xff)],
    ["an absolute path", (mdu0) => (mdu0[RECORDS + 24] = 0x2f)],
    ["a path that leaves the folder", (mdu0) => mdu0.set([0x2e, 0x2e], RECORDS + 24)],
  ])("refuses %s", (_, change) => expect(codeOf(() => parseMdu0(changed(change), 3))).toBe("bad_mdu0"));

  it("refuses another length, too many files and too many roots", () => {
    expect(codeOf(() => parseFileTable(new Uint8Array(MDU_BYTES - 1)))).toBe("bad_length");
    expect(codeOf(() => buildMdu0([], new Array<FileRecord>(MAX_FILES + 1).fill(file("a"))))).toBe("too_many_files");
    expect(codeOf(() => buildMdu0(new Array<Uint8Array>(4096).fill(roots[0]!), []))).toBe("slab_too_large");
    expect(codeOf(() => buildMdu0([], [file("../a")]))).toBe("bad_path");
  });
});

describe("paths", () => {
  it.each(["a", "a.b", "folder/file.txt", "...", "a..b", "ünïcode", "x".repeat(40), "sp ace", "a/…/b"])("accepts %j", (path) => {
    expect(codeOf(() => checkPath(path))).toBe("none");
  });

  it.each([
    "", " a", "a ", "\ta", "/a", "\\a", "a\\b", "a/../b", "..", "../a", "a/..", ".", "a/./b", "a//b", "a/", "a\0b", "a\nb", "a\u007fb", "a\u0085b",
    "\ufeffa", "\ud800", "x".repeat(41), "ü".repeat(21),
  ])("refuses %j", (path) => expect(codeOf(() => checkPath(path))).toBe("bad_path"));
});
