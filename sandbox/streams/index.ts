/** Event source mappings of streams on the local cloud. */
export { type StreamMappingsOptions, streamMappingsFill } from "./streamMappingsFill";
