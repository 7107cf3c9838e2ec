import type { Pack } from "../shared/configuration";
import { apiAuthorization } from "./apiAuthorization";
import { apiTls } from "./apiTls";
import { cloudfrontTls } from "./cloudfrontTls";
import { dynamodbRecovery } from "./dynamodbRecovery";
import { environmentSecrets } from "./environmentSecrets";
import { iamManagedFullAccess } from "./iamManagedFullAccess";
import { iamOpenPrincipals } from "./iamOpenPrincipals";
import { iamWildcardActions } from "./iamWildcardActions";
import { iamWildcardResources } from "./iamWildcardResources";
import { iotConfinedResources } from "./iotConfinedResources";
import { iotWildcardActions } from "./iotWildcardActions";
import { lambdaPermissionSource } from "./lambdaPermissionSource";
import { lambdaPublicUrl } from "./lambdaPublicUrl";
import { s3Encryption } from "./s3Encryption";
import { s3PublicAccess } from "./s3PublicAccess";
import { s3PublicAccessBlock } from "./s3PublicAccessBlock";
import { s3TlsOnly } from "./s3TlsOnly";
import { snsEncryption } from "./snsEncryption";
import { sqsEncryption } from "./sqsEncryption";
import { streamsEncryption } from "./streamsEncryption";

/** What keeps others out, and each part to what is its own. */
export const pack: Pack = {
  name: "thingstack-security",
  description: "Least privilege, privacy and encryption of AWS resources, those of AWS IoT among them",
  policies: [
    iamWildcardActions,
    iamWildcardResources,
    iamOpenPrincipals,
    iamManagedFullAccess,
    iotWildcardActions,
    iotConfinedResources,
    s3PublicAccess,
    s3PublicAccessBlock,
    s3Encryption,
    s3TlsOnly,
    dynamodbRecovery,
    sqsEncryption,
    snsEncryption,
    streamsEncryption,
    lambdaPublicUrl,
    lambdaPermissionSource,
    apiAuthorization,
    apiTls,
    cloudfrontTls,
    environmentSecrets,
  ],
};
