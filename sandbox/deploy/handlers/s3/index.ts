import type { Handlers } from "../../handler";
import { bucket } from "./bucket";
import { bucketLifecycle } from "./lifecycle";
import { bucketNotification } from "./notification";
import { bucketObject } from "./object";
import {
  bucketCors,
  bucketEncryption,
  bucketOwnershipControls,
  bucketPolicy,
  bucketPublicAccessBlock,
  bucketVersioning,
} from "./settings";

/** The types that end in V2 are the same by an older name. */
export const handlers: Handlers = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketV2:BucketV2": bucket,
  "aws:s3/bucketObjectv2:BucketObjectv2": bucketObject,
  "aws:s3/bucketNotification:BucketNotification": bucketNotification,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": bucketOwnershipControls,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketPublicAccessBlock,
  "aws:s3/bucketVersioning:BucketVersioning": bucketVersioning,
  "aws:s3/bucketVersioningV2:BucketVersioningV2": bucketVersioning,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketLifecycle,
  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": bucketLifecycle,
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": bucketCors,
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": bucketCors,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucketEncryption,
  "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": bucketEncryption,
};
