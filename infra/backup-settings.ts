import * as z from 'zod';

/** Backups of the table by AWS Backup, beside its point-in-time recovery, which ends with the account. */
export const backupSettings = z.strictObject({
  /** Days for which a daily backup is kept, and its copy: 1 to 365, by default 35. */
  keepDays: z.int().min(1).max(365).default(35),
  /**
   * ARN of a backup vault to which each backup is copied: of another account of the organization, or of another Region.
   * Its access policy must allow `backup:CopyIntoBackupVault` to this account (docs/restore-drill.md).
   */
  copyTo: z
    .string()
    .regex(/^arn:[a-z-]+:backup:[a-z0-9-]+:\d{12}:backup-vault:[\w-]{2,50}$/, "must be a backup vault's ARN")
    .optional(),
});
