import { createVerifier } from '../../shared/adapters/providers/verifier.ts';
import { optionalSetting } from '../../shared/runtime/environment.ts';

/** Behind `providers:call`. */
export const providersCall = () => createVerifier({ endpointUrl: optionalSetting('PROVIDERS_ENDPOINT_URL') });
