import { listFiles } from "nild/nilfs";
import { fetchMdu0, type Blame } from "./metadata.js";
import { readCommittedVolume, slotHolders, type ReadContext } from "./volume.js";
import type { ListedFile } from "./types.js";

/** The deal's files, from MDU 0 as the chain's hash binds it. Costs nothing. @throws ClientError `no_content`, `no_metadata`. */
export async function ls(context: ReadContext, dealId: bigint): Promise<ListedFile[]> {
  const volume = await readCommittedVolume(context, dealId);
  const { holders, unusable } = await slotHolders(context, volume);
  const blame: Blame = { liars: [], missing: [...unusable] };
  const mdu0 = await fetchMdu0(volume, holders, blame);
  return listFiles(mdu0).map(({ path, length, timestamp, flags }) => ({ path, length, timestamp, flags }));
}
