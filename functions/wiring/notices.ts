import { notifier, openTopic } from '../../shared/adapters/aws/notices/topic.ts';
import { setting } from '../../shared/runtime/environment.ts';

/** Behind `notices:send`. */
export const noticesSend = () => notifier(openTopic(setting('NOTICES_TOPIC_ARN')));
