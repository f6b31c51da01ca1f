import { authorizers } from '../../shared/contract/http/authorizers.ts';
import { authorizer } from '../../shared/runtime/http/authorizer.ts';
import { wiring } from '../wiring/index.ts';

export const handler = authorizer(authorizers.verifyTokens, wiring);
