import { SecretValue } from 'aws-cdk-lib';
import * as z from 'zod';

/** Fields of a setting that sends the text of a Secrets Manager secret to a service outside. */
export const secretReferenceFields = {
  /** Name of the secret. Create it before the deployment, outside of `connections/`, where connections have their secrets. */
  secretName: z
    .string()
    .regex(/^[\w/+=.@-]{1,512}$/, "must be a secret's name")
    .refine((name) => !name.startsWith('connections/'), 'must not be among the secrets of connections'),
  /**
   * Version of the secret to send. CloudFormation reads the secret only when the template changes: to
   * rotate it, set the id of the new version. Without it, the newest version at the last such deployment
   * is sent.
   */
  secretVersionId: z.string().min(32).max(64).optional(),
};

interface SecretReference {
  readonly secretName: string;
  readonly secretVersionId?: string | undefined;
}

/** Refers to a secret, which CloudFormation reads during the deployment; no template holds its value. */
export function referToSecret({ secretName, secretVersionId }: SecretReference): SecretValue {
  return SecretValue.secretsManager(
    secretName,
    secretVersionId === undefined ? {} : { versionId: secretVersionId },
  );
}
