declare module "asl-validator" {
  /** The package has no types of its own. It writes defaults into the definition that it is given. */
  export default function aslValidator(
    definition: object,
    options?: { checkPaths?: boolean; checkArn?: boolean },
  ): { isValid: boolean; errors: { message: string }[]; errorsText(separator?: string): string };
}
