import { DescribeEndpointCommand, IoTClient } from "@aws-sdk/client-iot";
import type { Place } from "./place";

/** The host of an account's own endpoint for MQTT and shadows; the local cloud has one endpoint for all, and none of these. */
export async function dataEndpointOf({ aws }: Pick<Place, "aws">): Promise<string> {
  const iot = new IoTClient(aws);
  try {
    const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }));
    return endpointAddress as string;
  } finally {
    iot.destroy();
  }
}
