/** An id that the platform gives: of a project, flow, step or person. */
export const PLATFORM_ID = /^[A-Za-z0-9._:-]{1,128}$/;
