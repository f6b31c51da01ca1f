import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { TestBus } from '../../harness/event-bus.ts';
import { World } from '../protocols/world.ts';
import { MessageClients } from './message-clients.ts';
import { ThirdParties } from './third-parties.ts';

const REGION = 'eu-west-1';

/** What the deployments of one test file share: a world, a server that plays SQS and SNS, a bus, third parties. */
export class Surroundings {
  readonly world: World;
  readonly messages: FauxqsServer;
  readonly bus: TestBus;
  readonly thirdParties: ThirdParties;
  readonly clients = new MessageClients();

  private constructor(world: World, messages: FauxqsServer, bus: TestBus, thirdParties: ThirdParties) {
    this.world = world;
    this.messages = messages;
    this.bus = bus;
    this.thirdParties = thirdParties;
  }

  /** Surroundings for the length of `visit`. */
  static during<T>(visit: (surroundings: Surroundings) => Promise<T>): Promise<T> {
    return World.during(async (world) => {
      const [messages, bus, thirdParties] = await Promise.all([
        startFauxqs({ host: '127.0.0.1', port: 0, logger: false, defaultRegion: REGION }),
        TestBus.open(),
        ThirdParties.open(),
      ]);
      Object.assign(process.env, {
        AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${messages.port}`,
        AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${messages.port}`,
        AWS_ENDPOINT_URL_EVENTBRIDGE: bus.bus.url,
      });
      const surroundings = new Surroundings(world, messages, bus, thirdParties);
      try {
        return await visit(surroundings);
      } finally {
        surroundings.clients.close();
        await Promise.all([messages.stop(), bus.close(), thirdParties.close()]);
      }
    });
  }
}
