/** Something of a deployed stage that an operator should know, with the command or page that helps. */
export interface Finding {
  /** `problem`: something does not work, or is not protected. `warning`: the stage works, and something is missing. */
  readonly level: 'problem' | 'warning';
  readonly text: string;
  /** Command, or page of the documentation. */
  readonly fix: string;
}

export const problem = (text: string, fix: string): Finding => ({ level: 'problem', text, fix });
export const warning = (text: string, fix: string): Finding => ({ level: 'warning', text, fix });

/** Formats a finding as one line. */
export function lineOf({ level, text, fix }: Finding): string {
  return `${level.padEnd(7)}  ${text}: ${fix}`;
}
