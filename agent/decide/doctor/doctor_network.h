/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a check-up says of the network's use. */

#include "decide/doctor/doctor.h"

/* "connections": each tcp net has as many to a peer as were chosen for it. */
int doctor_check_connections(const struct doctor_input *input, struct findings *ret);

/* "efa": its driver is as new as kefalnd needs it, where a net over it is asked for. */
int doctor_check_efa_driver(const struct doctor_input *input, struct findings *ret);

/* "parameters": a client that is mounted has those that the plan would set, whoever mounted it. */
int doctor_check_parameters(const struct doctor_input *input, struct findings *ret);
