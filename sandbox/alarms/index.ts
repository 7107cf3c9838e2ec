export { alarmsFill } from "./alarmsFill";
