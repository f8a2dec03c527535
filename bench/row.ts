/** One line of the table: ours, and in the same run what it is compared with. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly unit: string;
  /** The peer's or the limit's figure, same unit. */
  readonly peer?: number;
  /** ours ÷ peer. */
  readonly ratio?: number;
  readonly note?: string;
}
