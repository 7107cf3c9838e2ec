/** How often things happened to a rule since it was created. */
export interface RuleCounters {
  /** Messages on a topic that its FROM matches. */
  received: number;
  /** Messages for which its WHERE was true, or that it has no WHERE for. */
  matched: number;
  /** Messages that could not be evaluated, e.g. nested ten thousand levels deep. */
  evaluationsFailed: number;
  actionsSucceeded: number;
  actionsFailed: number;
  errorActionsSucceeded: number;
  errorActionsFailed: number;
}

/** Of a rule that is new. */
export function noCounts(): RuleCounters {
  return {
    received: 0,
    matched: 0,
    evaluationsFailed: 0,
    actionsSucceeded: 0,
    actionsFailed: 0,
    errorActionsSucceeded: 0,
    errorActionsFailed: 0,
  };
}

interface Happening {
  readonly rule: string;
  readonly topic: string;
}
interface ActionHappening extends Happening {
  /** The kind of action, e.g. `dynamoDBv2`. */
  readonly action: string;
  readonly resource: string;
}

/** What `engine.events` tells. */
export interface RuleEvents {
  matched: [Happening];
  evaluationFailed: [Happening & { readonly error: unknown }];
  actionSucceeded: [ActionHappening];
  actionFailed: [ActionHappening & { readonly errorMessage: string }];
  errorActionSucceeded: [ActionHappening];
  /** Nobody hears of the message's failure any more, so whoever runs the engine should say it loudly. */
  errorActionFailed: [ActionHappening & { readonly errorMessage: string }];
}
