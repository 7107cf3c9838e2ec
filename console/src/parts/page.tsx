import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

let first = true;

/**
 * A page: its heading names the tab and takes the focus, so that keyboard and screen reader go on from there and not from
 * the link that is gone.
 */
export function Page(props: {
  title: string;
  /** Beside the heading. */
  aside?: ComponentChildren;
  /** Above the heading: the way back. */
  above?: ComponentChildren;
  children?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · thingstack`;
    // A page that was just loaded is read from its beginning.
    if (!first) heading.current?.focus({ preventScroll: true });
    first = false;
  }, [props.title]);
  return (
    <main id="main">
      {props.above}
      <div class="heading">
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        <div class="heading-aside">{props.aside}</div>
      </div>
      {props.children}
    </main>
  );
}
