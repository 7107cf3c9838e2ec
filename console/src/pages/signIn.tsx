import { useEffect, useRef, useState } from "preact/hooks";
import type { Challenge, Cognito, Step } from "../auth/cognito";
import { beginSession, signedOutBecause } from "../auth/session";
import { useAction } from "../parts/action";

type Stage =
  | { readonly kind: "password" }
  | { readonly kind: "newPassword"; readonly challenge: Challenge }
  | { readonly kind: "code"; readonly challenge: Challenge }
  | { readonly kind: "setUp"; readonly challenge: Challenge; readonly secret: string };

const titles: Readonly<Record<Stage["kind"], string>> = {
  password: "Sign in",
  newPassword: "Choose a password",
  code: "Enter your code",
  setUp: "Set up your authenticator app",
};

/** The way in: password, and whatever the user pool asks for after it. */
export function SignIn({ cognito }: { cognito: Cognito }) {
  const [stage, setStage] = useState<Stage>({ kind: "password" });
  const action = useAction();
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    document.title = `${titles[stage.kind]} · thingstack`;
    form.current?.querySelector("input")?.focus();
  }, [stage.kind]);

  const go = async (step: Step) => {
    if ("tokens" in step) return beginSession(step.tokens);
    const { challenge } = step;
    if (challenge.name === "NEW_PASSWORD_REQUIRED") return setStage({ kind: "newPassword", challenge });
    if (challenge.name === "SOFTWARE_TOKEN_MFA") return setStage({ kind: "code", challenge });
    const { secret, challenge: next } = await cognito.setUpApp(challenge);
    setStage({ kind: "setUp", challenge: next, secret });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const field = (name: string) => String(new FormData(event.currentTarget as HTMLFormElement).get(name) ?? "");
    void action.run(async () => {
      if (stage.kind === "password") return go(await cognito.signIn(field("username").trim(), field("password")));
      if (stage.kind === "newPassword") {
        if (field("password") !== field("again")) throw new Error("The two passwords differ.");
        return go(await cognito.setNewPassword(stage.challenge, field("password")));
      }
      const code = field("code").replace(/\s/g, "");
      if (stage.kind === "code") return go(await cognito.enterCode(stage.challenge, code));
      return go(await cognito.verifyApp(stage.challenge, code));
    });
  };

  return (
    <main class="sign-in" id="main">
      <form ref={form} class="card" onSubmit={submit} aria-labelledby="sign-in-title" noValidate>
        <img src="/favicon.svg" alt="" width="40" height="40" />
        <h1 id="sign-in-title">{titles[stage.kind]}</h1>
        {stage.kind === "password" && signedOutBecause.value && <p class="notice warn">{signedOutBecause.value}</p>}
        {stage.kind === "password" && (
          <>
            <Field label="E-mail address" name="username" type="email" autoComplete="username" />
            <Field label="Password" name="password" type="password" autoComplete="current-password" />
          </>
        )}
        {stage.kind === "newPassword" && (
          <>
            <p class="quiet">The one you were sent is good only once.</p>
            <Field label="New password" name="password" type="password" autoComplete="new-password" />
            <Field label="Once more" name="again" type="password" autoComplete="new-password" />
          </>
        )}
        {stage.kind === "setUp" && (
          <p>
            Type this key into the app, then the code that it shows: <code class="secret">{stage.secret}</code>
          </p>
        )}
        {(stage.kind === "code" || stage.kind === "setUp") && (
          <Field
            label="Six digits of your authenticator app"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
          />
        )}
        <div role="alert">{action.error && <p class="notice bad">{action.error.message}</p>}</div>
        <button type="submit" class="primary" disabled={action.busy}>
          {action.busy ? "One moment" : stage.kind === "password" ? "Sign in" : "Go on"}
        </button>
        {stage.kind !== "password" && (
          <button type="button" class="plain" onClick={() => setStage({ kind: "password" })}>
            Back to the beginning
          </button>
        )}
      </form>
    </main>
  );
}

function Field(props: {
  label: string;
  name: string;
  type?: "email" | "password";
  autoComplete: string;
  inputMode?: "numeric";
}) {
  return (
    <label class="field" key={props.name}>
      <span>{props.label}</span>
      <input
        required
        name={props.name}
        type={props.type as "email"}
        autoComplete={props.autoComplete}
        inputMode={props.inputMode}
      />
    </label>
  );
}
