/** So that a sample needs neither Maven nor Gradle nor a registry, and the form alone says what is checked. */
export const CODY_YML = `# Not what the build files suggest: the form says what runs.
setup: none
check: none
`;
