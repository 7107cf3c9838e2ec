/** What CodeDeploy refuses, by the name of its exception. */
export class CodeDeployError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
