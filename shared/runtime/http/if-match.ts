import { invalid } from '../../domain/errors.ts';
import type { ExpectedVersions } from '../../domain/model/connection.ts';

const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;
const VERSION_TAG = /^"(\d{1,15})"$/;

/**
 * Returns the versions that `If-Match` allows (RFC 9110, section 13.1.1); null for `*` and without the header. A weak
 * tag, or one that the API never issued, allows no version.
 *
 * @throws DomainError `invalid_request` for a value that is not a list of entity tags.
 */
export function expectedVersions(ifMatch: string | undefined): ExpectedVersions {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => ENTITY_TAG.test(tag))) {
    throw invalid([{ path: 'If-Match', message: 'must be the ETag of a connection, in double quotes' }]);
  }
  return tags.flatMap((tag) => {
    const version = VERSION_TAG.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}
