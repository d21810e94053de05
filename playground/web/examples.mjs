import first from "./first.scp";
import docker from "../../testdata/policies/docker-default.scp";
import goService from "../../testdata/policies/go-service.scp";
import noNetwork from "../../testdata/policies/no-network.scp";
import openssh from "../../testdata/policies/openssh-preauth.scp";
import strict from "../../testdata/policies/strict.scp";
import wxorx from "../../testdata/policies/w-xor-x.scp";

export const examples = {
  "First steps": first, "No network": noNetwork, "Writable or executable": wxorx, "Go service": goService,
  "Like OpenSSH's preauth": openssh, "Like Docker's default": docker, "Strict mode": strict,
};
