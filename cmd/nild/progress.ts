/**
 * Progress on stderr: a bar that is redrawn on a terminal, plain lines at every tenth in a pipe, nothing when quiet.
 */
export class Progress {
  #label = "";
  #tenth = -1;
  #drawn = false;
  constructor(
    private readonly stream: NodeJS.WriteStream = process.stderr,
    private readonly quiet = false,
  ) {}

  /** `done` of `total` in any unit; a new label starts a new bar. */
  update(label: string, done: number, total: number): void {
    if (this.quiet || total <= 0) return;
    const share = Math.min(1, done / total);
    if (label !== this.#label) {
      this.end();
      this.#label = label;
      this.#tenth = -1;
    }
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    if (this.stream.isTTY) {
      const width = 30;
      const filled = Math.floor(share * width);
      this.stream.write(`\r\x1b[2K  ${label.padEnd(12)} ${"█".repeat(filled)}${"░".repeat(width - filled)} ${percent}`);
      this.#drawn = true;
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth === this.#tenth || (tenth < 10 && tenth - this.#tenth < 5 && this.#tenth >= 0)) return;
    this.#tenth = tenth;
    this.stream.write(`  ${label} ${percent.trim()}\n`);
  }

  /** Leaves the bar as it stands and goes to a fresh line. */
  end(): void {
    if (this.#drawn) this.stream.write("\n");
    this.#drawn = false;
    this.#label = "";
  }
}
