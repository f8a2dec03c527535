import {
  MAX_MDUS,
  checkProfile,
  checkSlabSize,
  leafIndexOf,
  leavesOf,
  parseArtifactName,
  artifactName,
  parseProfile,
  rowsOf,
  shardBytes,
  slotOfLeaf,
  userMdusFor,
  witnessMdus,
} from "nild/nilfs";
import { codeOf } from "./codes.js";

describe("profiles", () => {
  it.each([
    ["8+4", 8, 12, 96],
    ["1+2", 64, 3, 192],
    ["64+64", 1, 128, 128],
    ["4+1", 16, 5, 80],
  ])("%s has %i rows, %i slots and %i leaves", (text, rows, slots, leaves) => {
    const profile = parseProfile(text);
    expect([rowsOf(profile), profile.k + profile.m, leavesOf(profile)]).toEqual([rows, slots, leaves]);
    expect(shardBytes(profile)).toBe(8_388_608 / profile.k);
  });

  it.each(["", "8", "8+", "+4", "8+0", "0+4", "3+2", "128+1", "64+65", "8+4 ", " 8+4", "08+4", "8+04", "8-4", "8+4+1", "8.0+4", "1e1+2", "-8+4", "８+4", "8+999"])(
    "refuses %j",
    (text) => expect(codeOf(() => parseProfile(text))).toBe("bad_profile"),
  );

  it.each([
    { k: 8.5, m: 4 },
    { k: 8, m: Number.NaN },
    { k: 8, m: 1.5 },
    { k: Infinity, m: 4 },
  ])("refuses %j", (profile) => expect(codeOf(() => checkProfile(profile))).toBe("bad_profile"));

  it("maps leaves to slots and rows and back", () => {
    const profile = { k: 16, m: 3 };
    for (let leaf = 0; leaf < leavesOf(profile); leaf++) {
      const { slot, row } = slotOfLeaf(profile, leaf);
      expect(leafIndexOf(profile, slot, row)).toBe(leaf);
    }
    expect(codeOf(() => slotOfLeaf(profile, leavesOf(profile)))).toBe("index_out_of_range");
    expect(codeOf(() => slotOfLeaf(profile, -1))).toBe("index_out_of_range");
    expect(codeOf(() => leafIndexOf(profile, 19, 0))).toBe("index_out_of_range");
    expect(codeOf(() => leafIndexOf(profile, 0, 4))).toBe("index_out_of_range");
  });
});

describe("slab sizes", () => {
  it("reserves a witness in which no commitment is lost", () => {
    const profile = { k: 8, m: 4 };
    expect(witnessMdus(profile, 0)).toBe(0);
    expect(witnessMdus(profile, 1)).toBe(1);
    expect(witnessMdus(profile, 1763)).toBe(1);
    expect(witnessMdus(profile, 1764)).toBe(2); // 8 MiB would still hold these, but an MDU's payload does not
  });

  it("counts user MDUs by payload", () => {
    expect([0, 1, 8_126_464, 8_126_465].map(userMdusFor)).toEqual([0, 1, 1, 2]);
  });

  it("refuses more MDUs than the manifest has cells", () => {
    expect(codeOf(() => checkSlabSize(3, MAX_MDUS - 4))).toBe("none");
    expect(codeOf(() => checkSlabSize(3, MAX_MDUS - 3))).toBe("slab_too_large");
  });
});

describe("artifact names", () => {
  it.each(["manifest.bin", "mdu_0.bin", "mdu_4095.bin", "mdu_2_slot_0.bin", "mdu_17_slot_127.bin"])("%s is its own parse", (name) => {
    expect(artifactName(parseArtifactName(name))).toBe(name);
  });

  it.each([
    "", "mdu_.bin", "mdu_00.bin", "mdu_01.bin", "mdu_4096.bin", "mdu_-1.bin", "mdu_1.bin ", "Mdu_1.bin", "mdu_1_slot_128.bin", "mdu_1_slot_.bin",
    "mdu_0_slot_1.bin", "mdu_1_slot_01.bin", "mdu_1_slot_1", "../mdu_1.bin", "mdu_1.bin/..", "mdu_1.bin\n", "mdu_1%2ebin", "manifest", "slab.json",
  ])("refuses %j", (name) => expect(codeOf(() => parseArtifactName(name))).toBe("bad_artifact_name"));
});
