export { type CloudFrontEdge, openEdge } from "./edge";
