import { NilfsError } from "nild/nilfs";

/** The NilfsError code that `work` throws; "none" when it returns. Any other error passes through. */
export function codeOf(work: () => unknown): string {
  try {
    work();
    return "none";
  } catch (error) {
    return codeOfError(error);
  }
}

export async function codeOfAsync(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    return codeOfError(error);
  }
}

function codeOfError(error: unknown): string {
  if (error instanceof NilfsError) return error.code;
  throw error;
}
