/** The part of a CloudFront Functions event that is needed here. */
export interface ViewerRequestEvent {
  readonly request: { uri: string };
}

/**
 * What CloudFront does with each request of the console before it looks for the answer: a request of the API goes on without
 * the prefix that told it apart, and every address that names no file is a page of the console, which is index.html.
 *
 * Its text becomes the function (runtime cloudfront-js-2.0), so it uses nothing from outside. To answer 403 and 404 with
 * index.html instead, as one often sees, would do the same to the API's own 403 and 404, and to a file that is missing.
 */
export function handler(event: ViewerRequestEvent): ViewerRequestEvent["request"] {
  const request = event.request;
  if (request.uri.startsWith("/api/")) request.uri = request.uri.slice("/api".length);
  else if (!/\.[a-z0-9]+$/i.test(request.uri)) request.uri = "/index.html";
  return request;
}
