/** What a promise is rejected with; fails when it is not. */
export async function rejection(work: Promise<unknown> | (() => Promise<unknown>)): Promise<unknown> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}

/** Its stable code. */
export async function codeOf(work: Promise<unknown> | (() => Promise<unknown>)): Promise<unknown> {
  return ((await rejection(work)) as { code?: unknown }).code;
}
