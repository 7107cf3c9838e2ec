/** Event source mappings of Kinesis streams on the local cloud. */
export { type KinesisMappingsOptions, kinesisMappingsFill } from "./kinesisMappingsFill";
