import { ServiceFault } from './faults.ts';

const CREDENTIAL = /Credential=[^/\s,]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/;

/**
 * The region a request is signed for. Any key pair is good on this machine, so the signature itself is not
 * computed; what is refused is a request that AWS would refuse before it looks at the key.
 * @throws MissingAuthenticationTokenException unsigned
 * @throws IncompleteSignatureException not a whole Signature Version 4 header
 * @throws InvalidSignatureException signed for another service
 */
export function signedRegion(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === '') {
    throw new ServiceFault('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const [, region, service] = CREDENTIAL.exec(authorization) ?? [];
  const whole =
    authorization.startsWith('AWS4-HMAC-SHA256 ') &&
    /SignedHeaders=[^\s,]+/.test(authorization) &&
    /Signature=[0-9a-f]{64}\b/.test(authorization);
  if (region === undefined || !whole) {
    throw new ServiceFault(
      'IncompleteSignatureException',
      'Authorization header requires the AWS4-HMAC-SHA256 algorithm and its Credential, SignedHeaders and Signature.',
    );
  }
  if (service !== 'secretsmanager') {
    throw new ServiceFault(
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'secretsmanager'.",
    );
  }
  return region;
}
