import {
  CancelJobCommand,
  CreateDynamicThingGroupCommand,
  CreateJobCommand,
  DeleteDynamicThingGroupCommand,
  DescribeEventConfigurationsCommand,
  DescribeJobCommand,
  DescribeThingGroupCommand,
  type DescribeThingGroupCommandOutput,
  GetIndexingConfigurationCommand,
  IoTClient,
  type Job,
  ListThingsInThingGroupCommand,
  UpdateDynamicThingGroupCommand,
} from "@aws-sdk/client-iot";
import { traced } from "../runtime/tracing";
import type { ReleaseState } from "./releaseArtifact";
import { accountProblem, countsOf, jobOf, progressOf } from "./releaseJob";
import { releaseStore } from "./releaseStore";
import { groupNameOf, groupQueryOf, isRunning, jobDocumentOf, type Release, type ReleaseFile } from "./releases";

/** One step of the machine. */
export interface ReleaseStep extends ReleaseState {
  readonly step: "group" | "job" | "follow";
}

/** That a job came to its end, as the rule on `$aws/events/job/+/+` has it. */
export interface JobEnded {
  readonly job_id: string;
}

/** How a step went. */
export interface StepResult {
  /** Whether the release is over. */
  readonly ended: boolean;
  /** Whether the next step may come. */
  readonly ready?: boolean;
  /** Why the release can't go on at all. */
  readonly problem?: string;
}

/**
 * The steps of a release with AWS IoT. Each looks at what there is and does what is missing, so each may come twice.
 *
 * Environment: RELEASES_TABLE, TOPIC_ARN, COMPONENT (its name), BUCKET, LINK_ROLE_ARN, LINK_EXPIRES (seconds).
 */
export function releaseSteps() {
  const iot = new IoTClient({});
  const store = releaseStore();
  const component = process.env.COMPONENT ?? "";
  const over: StepResult = { ended: true };

  /** What AWS answers, or undefined when there is no such thing. */
  const orGone = <T>(answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error: Error) => {
      if (error.name === "ResourceNotFoundException") return undefined;
      throw error;
    });

  const group = (release: Release): Promise<DescribeThingGroupCommandOutput | undefined> =>
    orGone(iot.send(new DescribeThingGroupCommand({ thingGroupName: groupNameOf(component, release) })));

  const job = async (jobId: string): Promise<Job | undefined> =>
    (await orGone(iot.send(new DescribeJobCommand({ jobId }))))?.job;

  async function checkAccount(): Promise<string | undefined> {
    const [indexing, events] = await Promise.all([
      iot.send(new GetIndexingConfigurationCommand({})),
      iot.send(new DescribeEventConfigurationsCommand({})),
    ]);
    return accountProblem({
      thingIndexingMode: indexing.thingIndexingConfiguration?.thingIndexingMode,
      namedShadowIndexingMode: indexing.thingIndexingConfiguration?.namedShadowIndexingMode,
      namedShadows: indexing.thingIndexingConfiguration?.filter?.namedShadowNames,
      jobEvents: events.eventConfigurations?.JOB?.Enabled,
      jobExecutionEvents: events.eventConfigurations?.JOB_EXECUTION?.Enabled,
    });
  }

  /** Makes or updates the dynamic group, and says whether it is ready: of this very query, and no longer building. */
  async function prepareGroup(release: Release): Promise<StepResult> {
    const thingGroupName = groupNameOf(component, release);
    const queryString = groupQueryOf(release);
    const found = await group(release);
    if (!found) {
      const reason = await checkAccount();
      if (reason) return { ended: false, problem: reason };
      if (!(await store.note(release, { status: "WAITING_FOR_GROUP" }))) return over;
      await iot.send(
        new CreateDynamicThingGroupCommand({
          thingGroupName,
          queryString,
          thingGroupProperties: { thingGroupDescription: `Things that ${release.jobId} is for` },
        }),
      );
      return { ended: false, ready: false };
    }
    if (!(await store.note(release, { status: "WAITING_FOR_GROUP" }))) return over;
    if (found.queryString !== queryString) {
      await iot.send(
        new UpdateDynamicThingGroupCommand({
          thingGroupName,
          queryString,
          thingGroupProperties: found.thingGroupProperties ?? {},
          expectedVersion: found.version,
        }),
      );
      return { ended: false, ready: false };
    }
    return { ended: false, ready: found.status === "ACTIVE" };
  }

  async function createJob(release: Release): Promise<StepResult> {
    await supersede(release);
    const groupArn = (await group(release))?.thingGroupArn;
    if (!groupArn) throw new Error(`the group ${groupNameOf(component, release)} is gone`);
    // A try whose answer was lost may have made the job, and its things have done it since.
    if (!release.continuous && !(await hasMembers(release)) && !(await job(release.jobId))) {
      await finish(release, { status: "COMPLETED", reason: "there is no thing that it is for", ...countsOf() });
      return over;
    }
    const region = await iot.config.region();
    const document = jobDocumentOf(release.app, release as Release & ReleaseFile, process.env.BUCKET ?? "", region);
    const input = jobOf(release, document, {
      groupArn,
      linkRoleArn: process.env.LINK_ROLE_ARN ?? "",
      linkExpiresInSec: Number(process.env.LINK_EXPIRES),
    });
    try {
      await iot.send(new CreateJobCommand(input));
    } catch (error) {
      if ((error as Error).name !== "ResourceAlreadyExistsException") throw error;
      // Ours, from a try whose answer was lost? Or of somebody else, who shares the account?
      if (!(await job(release.jobId))?.targets?.includes(groupArn)) {
        throw new Error(`there is a job ${release.jobId} already, and it is not of this release`);
      }
    }
    if (await store.note(release, { status: "IN_PROGRESS", ...countsOf() })) return { ended: false };
    // Somebody canceled the release while its job was made.
    await cancel(release.jobId, "CANCELED", "the release was canceled before its job was there");
    return over;
  }

  /** Asked before there is a job: a job for nobody does nothing, and not every cloud ends it. */
  async function hasMembers(release: Release): Promise<boolean> {
    const thingGroupName = groupNameOf(component, release);
    const { things = [] } = await iot.send(new ListThingsInThingGroupCommand({ thingGroupName, maxResults: 1 }));
    return things.length > 0;
  }

  /** A continuous release ends when the next one of its app begins. */
  async function supersede(release: Release): Promise<void> {
    const { releases } = await store.all(release.app);
    for (const other of releases) {
      if (other.jobId === release.jobId || !other.continuous || other.status !== "IN_PROGRESS") continue;
      await cancel(other.jobId, "SUPERSEDED", `${release.jobId} follows`);
    }
  }

  async function cancel(jobId: string, reasonCode: string, comment: string): Promise<void> {
    try {
      await orGone(iot.send(new CancelJobCommand({ jobId, reasonCode, comment })));
    } catch (error) {
      if ((error as Error).name !== "InvalidRequestException") throw error;
      console.info(JSON.stringify({ message: "job was over already", jobId, reason: String(error) }));
    }
  }

  async function follow(release: Release): Promise<StepResult> {
    const progress = progressOf(await job(release.jobId));
    if (progress.status === "IN_PROGRESS") {
      // With its status: an earlier step that was called twice may have come to its note only now.
      await store.note(release, progress);
      return { ended: false };
    }
    await finish(release, progress);
    return over;
  }

  /**
   * There may be a hundred dynamic groups in an account; that of a release which is over has done its work. But the same
   * version may be under way again, with this very group: it follows a continuous release, or this look is a late one.
   */
  async function finish(release: Release, changes: Partial<Release> & Pick<Release, "status">): Promise<void> {
    const thingGroupName = groupNameOf(component, release);
    const { releases } = await store.all(release.app);
    const inUse = releases.some(
      (other) =>
        isRunning(other) && (other.turn ?? 0) > (release.turn ?? 0) && groupNameOf(component, other) === thingGroupName,
    );
    if (!inUse) await iot.send(new DeleteDynamicThingGroupCommand({ thingGroupName }));
    await store.end(release, changes);
  }

  const steps = { group: prepareGroup, job: createJob, follow };

  async function take(step: keyof typeof steps, { app, jobId }: ReleaseState, ended: boolean): Promise<StepResult> {
    const release = await store.find(app, jobId);
    if (!release || !isRunning(release)) return over;
    // A job may end before the machine has noted that there is one; then the machine's own look finds it.
    if (ended && release.status !== "IN_PROGRESS") return { ended: false };
    return steps[step](release);
  }

  return (event: ReleaseStep | JobEnded): Promise<StepResult> => {
    const ended = "job_id" in event;
    // The job's id begins with its app, which has no dash.
    const { app, jobId } = ended ? { app: event.job_id.split("-")[0] ?? "", jobId: event.job_id } : event;
    const step = ended ? "follow" : event.step;
    return traced(`release ${step}`, { app, job: jobId }, () => take(step, { app, jobId }, ended));
  };
}
