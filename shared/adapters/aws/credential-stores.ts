import type {
  CredentialImporter,
  CredentialPromoter,
  CredentialReader,
  CredentialRemover,
  CredentialRestorer,
  CredentialWriter,
} from '../../domain/credentials/store.ts';
import type { CredentialStoreName } from '../../domain/terms.ts';

/** Implementations of a port, one for each store. */
type Stores<Port> = Readonly<Record<CredentialStoreName, Port>>;

/** Reads credentials where their connection has them. */
export function readerOf(stores: Stores<CredentialReader>): CredentialReader {
  return {
    read: (version) => stores[version.store].read(version),
    readIfKept: (version) => stores[version.store].readIfKept(version),
  };
}

/** Promotes versions where their connection has them. */
export function promoterOf(stores: Stores<CredentialPromoter>): CredentialPromoter {
  return {
    exists: (version) => stores[version.store].exists(version),
    promoted: (ref) => stores[ref.store].promoted(ref),
    promote: (version, from) => stores[version.store].promote(version, from),
  };
}

/** Writes credentials where their connection has them; those of new connections go to `storeOfNew`. */
export function writerOf(
  stores: Stores<Omit<CredentialWriter, 'storeOfNew'>>,
  storeOfNew: CredentialStoreName,
): CredentialWriter {
  return {
    storeOfNew,
    ...promoterOf(stores),
    create: (version, ...rest) => stores[version.store].create(version, ...rest),
    put: (version, credentials) => stores[version.store].put(version, credentials),
    reseal: (version, credentials) => stores[version.store].reseal(version, credentials),
  };
}

/** Removes credentials from the store that is named. */
export function removerOf(
  stores: Stores<CredentialRemover & CredentialRestorer>,
): CredentialRemover & CredentialRestorer {
  return {
    retire: (ref) => stores[ref.store].retire(ref),
    restore: (ref) => stores[ref.store].restore(ref),
  };
}

/** Takes credentials over into the store that is named. */
export function importerOf(stores: Stores<CredentialImporter>): CredentialImporter {
  return { import: (version, ...rest) => stores[version.store].import(version, ...rest) };
}
